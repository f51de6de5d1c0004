// Uses the web page in a headless Chromium; prints one JSON object. Arguments: address, key, browser, picture file,
// question, folder for screenshots (optional).
import { chromium } from "playwright-core";

const [address, key, executablePath, picture, question, shots] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
const told = { problems: [] };

async function open(options) {
  const page = await (await browser.newContext(options)).newPage();
  page.on("pageerror", (error) => told.problems.push(String(error)));
  page.on("console", (message) => {
    // Refused requests are told on the console too; they are asked for here.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) {
      told.problems.push(message.text());
    }
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(address) && !/^(data|blob):/.test(request.url())) {
      told.problems.push(`asked for ${request.url()}`);
    }
  });
  await page.goto(address);
  return page;
}

const shoot = (page, name) => shots ? page.screenshot({ path: `${shots}/${name}.png` }) : undefined;
const lastAnswer = (page) => page.locator(".turn.assistant").last();
const done = (page) => page.waitForFunction(() =>
  document.getElementById("dialogue").getAttribute("aria-busy") === "false");

// A key is asked for, a wrong one is refused, and nothing but the keyboard is needed.
const page = await open({ viewport: { width: 1100, height: 800 } });
await page.locator("#key").waitFor();
await shoot(page, "key");
await page.keyboard.type("wrong");
await page.keyboard.press("Enter");
await page.locator("#error").waitFor();
told.wrongKey = await page.locator("#error").textContent();
await shoot(page, "error");
await page.locator("#key").fill(key);
await page.keyboard.press("Enter");
await page.locator("#key-panel").waitFor({ state: "hidden" });
told.model = await page.locator("#model").textContent();
told.template = await page.locator("#template").textContent();

await page.locator("#file").setInputFiles(picture);
await page.locator("#preview").waitFor();
await shoot(page, "picture");
await page.keyboard.type(question);
await page.keyboard.press("Enter");
await done(page);
told.answer = await lastAnswer(page).locator("span").last().textContent();
told.speed = await page.locator("#speed").textContent();
told.focus = await page.evaluate(() => document.activeElement.id);

// A second turn of the dialogue, about the same picture.
const [request] = await Promise.all([
  page.waitForRequest((one) => one.url().endsWith("/v1/chat/completions")),
  page.keyboard.type("Which colours do they have?").then(() => page.keyboard.press("Enter")),
]);
told.roles = request.postDataJSON().messages.map((message) => message.role);
told.pictures = (request.postData().match(/data:image/g) ?? []).length;
await done(page);
told.second = await lastAnswer(page).locator("span").last().textContent();
await page.locator("summary").click();
await shoot(page, "dialogue");

// All that can be used is reached by Tab alone, in this order.
await page.locator("#dialogue").focus();
told.tabs = [];
for (let i = 0; i < 9; i++) {
  await page.keyboard.press("Tab");
  told.tabs.push(await page.evaluate(() => document.activeElement.id || document.activeElement.tagName));
}

await page.locator("#reset").click();
told.turnsAfterReset = await page.locator(".turn").count();

// A text of the model is a text, whatever is in it; and an answer that is stopped stays.
const markup = "<img src=x onerror=alert(1)>";
const chunk = (content) => `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`;
await page.route("**/v1/chat/completions", (route) => route.fulfill({
  contentType: "text/event-stream", body: chunk(markup) + "data: [DONE]\n\n",
}));
await page.locator("#question").fill("markup");
await page.keyboard.press("Enter");
await done(page);
told.markup = await lastAnswer(page).locator("span").last().textContent();
told.images = await page.locator(".turn.assistant img").count();
await page.unroute("**/v1/chat/completions");

let hold;
await page.route("**/v1/chat/completions", (route) => new Promise((resolve) => {
  hold = () => route.abort().catch(() => {}).finally(resolve);
}));
await page.locator("#question").fill("stop me");
await page.keyboard.press("Enter");
await page.waitForFunction(() => !document.getElementById("stop").disabled);
await shoot(page, "streaming");
await page.locator("#stop").click();
await done(page);
told.stopped = await page.locator("#stop").isDisabled();
told.question = await page.locator("#question").inputValue();
hold();

// An error of the server is told, and the question stays to be asked again.
await page.unroute("**/v1/chat/completions");
await page.locator("#remove").waitFor({ state: "hidden" });
await page.locator("#max-tokens").fill("1000000");
await page.locator("#question").fill("too long");
await page.locator("#question").press("Enter");
await page.locator("#error").waitFor();
told.error = await page.locator("#error").textContent();
await shoot(page, "refused");

// A phone, in the dark: nothing is wider than the screen.
const phone = await open({ viewport: { width: 360, height: 740 }, colorScheme: "dark", hasTouch: true });
await phone.locator("#key").fill(key);
await phone.locator("#use-key").click();
await phone.locator("#key-panel").waitFor({ state: "hidden" });
await phone.locator("#file").setInputFiles(picture);
await phone.locator("#preview").waitFor();
await shoot(phone, "phone-picture");
await phone.locator("#question").fill(question);
await phone.locator("#ask").click();
await done(phone);
told.phoneAnswer = await lastAnswer(phone).locator("span").last().textContent();
told.phoneOverflow = await phone.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
told.dark = await phone.evaluate(() => getComputedStyle(document.body).backgroundColor);
await shoot(phone, "phone");

const dark = await open({ viewport: { width: 1100, height: 800 }, colorScheme: "dark" });
await dark.locator("#key").fill(key);
await dark.locator("#use-key").click();
await dark.locator("#key-panel").waitFor({ state: "hidden" });
await dark.locator("#file").setInputFiles(picture);
await dark.locator("#question").fill(question);
await dark.locator("#ask").click();
await done(dark);
await dark.locator("summary").click();
await shoot(dark, "dark");

await browser.close();
console.log(JSON.stringify(told));
