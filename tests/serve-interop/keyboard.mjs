// Uses all of the web page with nothing but the keyboard; see browser.mjs.
import { address, done, end, key, lastAnswer, open, picture, question, sent, shoot, told } from "./browser.mjs";
import { HeldServer } from "./held.mjs";

const held = new HeldServer(address);
await held.start();
const page = await open({}, held.address);
const focus = () => page.evaluate(() => document.activeElement.id || document.activeElement.tagName);

async function tabTo(id) {
  for (let i = 0; await focus() !== id; i++) {
    if (i === 20) {
      throw new Error(`Tab does not reach ${id}.`);
    }

    await page.keyboard.press("Tab");
  }
}

await page.locator("#key").waitFor();
told.focusAtStart = await focus();
await page.keyboard.type(key);
await page.keyboard.press("Enter");
await page.locator("#key-panel").waitFor({ state: "hidden" });
told.focusAfterKey = await focus();

await tabTo("file");
const [chooser] = await Promise.all([page.waitForEvent("filechooser"), page.keyboard.press("Enter")]);
await chooser.setFiles(picture);
await page.locator("#preview").waitFor();
told.focusAfterFile = await focus();
await tabTo("remove");
await page.keyboard.press("Enter");
told.removed = await page.locator("#preview").isHidden();
told.focusAfterRemove = await focus();
const [again] = await Promise.all([page.waitForEvent("filechooser"), page.keyboard.press("Space")]);
await again.setFiles(picture);
await page.locator("#preview").waitFor();

// Two lines, then the question is asked and stopped.
await page.keyboard.type(question);
await page.keyboard.press("Shift+Enter");
await page.keyboard.type("Be brief.");
held.hold(3);
const asked = await sent(page, () => page.keyboard.press("Enter"));
told.question = asked.messages[0].content.at(-1).text;
await lastAnswer(page).filter({ hasText: /\S/ }).waitFor();
await tabTo("stop");
await shoot(page, "keyboard-stop");
await page.keyboard.press("Enter");
await done(page);
told.stopped = await lastAnswer(page).textContent();
told.focusAfterStop = await focus();

held.hold(3);
await page.keyboard.type("Go on.");
await page.keyboard.press("Enter");
await page.waitForFunction(() => document.querySelectorAll(".turn.assistant").length === 2);
await lastAnswer(page).filter({ hasText: /\S/ }).waitFor();
await page.keyboard.press("Escape");
await done(page);
told.escaped = await lastAnswer(page).textContent();
held.release();

// The settings open, and a template is chosen by the first letters of its name.
await tabTo("SUMMARY");
await page.keyboard.press("Enter");
await tabTo("template");
await page.keyboard.type("llama_3_c");
told.template = await page.locator("#template").inputValue();
await shoot(page, "keyboard-settings");

await page.keyboard.press("Shift+Tab");
await page.locator("#reset").focus();
await page.keyboard.press("Enter");
told.turns = await page.locator(".turn").count();
told.focusAfterReset = await focus();

held.end();
await end();
