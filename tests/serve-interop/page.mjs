// Uses the web page as a person with a mouse does; see browser.mjs.
import { done, end, key, lastAnswer, open, openWithKey, picture, question, sent, shoot, told } from "./browser.mjs";

// A key is asked for, a wrong one is refused, and nothing but the keyboard is needed.
const page = await open();
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
told.templates = await page.locator("#template option").allTextContents();
told.template = await page.locator("#template").inputValue();

await page.locator("#file").setInputFiles(picture);
await page.locator("#preview").waitFor();
await shoot(page, "picture");
await page.keyboard.type(question);
await page.keyboard.press("Enter");
await done(page);
told.answer = await lastAnswer(page).textContent();
told.speed = await page.locator("#speed").textContent();
told.focus = await page.evaluate(() => document.activeElement.id);

// A second turn of the dialogue, about the same picture.
const second = await sent(page, async () => {
  await page.keyboard.type("Which colours do they have?");
  await page.keyboard.press("Enter");
});
told.roles = second.messages.map((message) => message.role);
told.pictures = (JSON.stringify(second).match(/data:image/g) ?? []).length;
told.ownTemplate = "prompt_template" in second;
await done(page);
told.second = await lastAnswer(page).textContent();
await shoot(page, "dialogue");

// Another template than the model's own.
await page.locator("summary").click();
await page.locator("#template").selectOption("llama_3");
await page.locator("#max-tokens").fill("12");
await page.locator("#question").fill(question);
told.chosenTemplate = (await sent(page, () => page.locator("#ask").click())).prompt_template;
await done(page);
told.otherAnswer = await lastAnswer(page).textContent();
await shoot(page, "settings");

// All that can be used is reached by Tab alone, in this order.
await page.locator("#dialogue").focus();
told.tabs = [];
for (let i = 0; i < 10; i++) {
  await page.keyboard.press("Tab");
  told.tabs.push(await page.evaluate(() => document.activeElement.id || document.activeElement.tagName));
}

await page.locator("#reset").click();
told.turnsAfterReset = await page.locator(".turn").count();

// A text of the model is a text, whatever is in it.
const markup = "<img src=x onerror=alert(1)>";
const chunk = (content) => `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`;
await page.route("**/v1/chat/completions", (route) => route.fulfill({
  contentType: "text/event-stream", body: chunk(markup) + "data: [DONE]\n\n",
}));
await page.locator("#question").fill("markup");
await page.keyboard.press("Enter");
await done(page);
told.markup = await lastAnswer(page).textContent();
told.images = await page.locator(".turn.assistant img").count();
await page.unroute("**/v1/chat/completions");

// An error of the server is told, and the question stays to be asked again.
await page.locator("#remove").waitFor({ state: "hidden" });
await page.locator("#max-tokens").fill("1000000");
await page.locator("#question").fill("too long");
await page.locator("#question").press("Enter");
await page.locator("#error").waitFor();
told.error = await page.locator("#error").textContent();
await shoot(page, "refused");

// A phone, in the dark: nothing is wider than the screen.
const phone = await openWithKey({ viewport: { width: 360, height: 740 }, colorScheme: "dark", hasTouch: true });
await phone.locator("#file").setInputFiles(picture);
await phone.locator("#preview").waitFor();
await shoot(phone, "phone-picture");
await phone.locator("#question").fill(question);
await phone.locator("#ask").click();
await done(phone);
told.phoneAnswer = await lastAnswer(phone).textContent();
told.phoneOverflow = await phone.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
told.dark = await phone.evaluate(() => getComputedStyle(document.body).backgroundColor);
await shoot(phone, "phone");

const dark = await openWithKey({ colorScheme: "dark" });
await dark.locator("#file").setInputFiles(picture);
await dark.locator("#question").fill(question);
await dark.locator("#ask").click();
await done(dark);
await dark.locator("summary").click();
await shoot(dark, "dark");
await end();
