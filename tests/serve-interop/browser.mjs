// A headless Chromium at the web page, for the scripts that use the page. Their arguments begin with: address, key,
// browser, picture file, question, folder for screenshots (may be empty).
import { chromium } from "playwright-core";

export const [address, key, executablePath, picture, question, shots] = process.argv.slice(2);

const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });

// What a script found out; printed as one JSON object by end().
export const told = { problems: [] };

export async function open(options, from = address) {
  const context = await browser.newContext({ viewport: { width: 1100, height: 800 }, ...options });
  const page = await context.newPage();
  page.on("pageerror", (error) => told.problems.push(String(error)));
  page.on("console", (message) => {
    // Refused requests are told on the console too; they are asked for here.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) {
      told.problems.push(message.text());
    }
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(from) && !/^(data|blob):/.test(request.url())) {
      told.problems.push(`asked for ${request.url()}`);
    }
  });
  await page.goto(from);
  return page;
}

export async function openWithKey(options, from) {
  const page = await open(options, from);
  await page.locator("#key").fill(key);
  await page.locator("#use-key").click();
  await page.locator("#key-panel").waitFor({ state: "hidden" });
  return page;
}

export const shoot = (page, name) => shots ? page.screenshot({ path: `${shots}/${name}.png` }) : undefined;
export const lastAnswer = (page) => page.locator(".turn.assistant").last().locator("span").last();
export const done = (page) => page.waitForFunction(() =>
  document.getElementById("dialogue").getAttribute("aria-busy") === "false");

// What the page sends while something is done.
export async function sent(page, act) {
  const [request] = await Promise.all([
    page.waitForRequest((one) => one.url().endsWith("/v1/chat/completions")),
    act(),
  ]);
  return request.postDataJSON();
}

export async function end() {
  await browser.close();
  console.log(JSON.stringify(told));
}
