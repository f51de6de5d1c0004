// Stops answers of the web page half-way; see browser.mjs.
import {
  address, done, end, lastAnswer, openWithKey, picture, question, sent, shoot, told,
} from "./browser.mjs";
import { HeldServer } from "./held.mjs";

const held = new HeldServer(address);
await held.start();

async function askHeld(page, events) {
  held.hold(events);
  await page.locator("#question").fill(question);
  await page.locator("#ask").click();
  if (events) {
    await lastAnswer(page).filter({ hasText: /\S/ }).waitFor();
  }
}

const until = async (condition) => {
  while (!condition()) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

const page = await openWithKey({}, held.address);
await page.locator("#file").setInputFiles(picture);
await page.locator("#preview").waitFor();
await askHeld(page, 3);
told.half = await lastAnswer(page).textContent();
told.whileRunning = [await page.locator("#ask").isDisabled(), await page.locator("#stop").isEnabled()];
await shoot(page, "streaming");

// A question that comes too early is not asked, and stays where it is.
await page.locator("#question").fill("too early");
await page.keyboard.press("Enter");
told.turns = await page.locator(".turn").count();

await page.locator("#stop").click();
await done(page);
told.stopped = await lastAnswer(page).textContent();
told.question = await page.locator("#question").inputValue();
told.afterStop = [await page.locator("#ask").isEnabled(), await page.locator("#stop").isDisabled()];
await until(() => held.left === 1);
await shoot(page, "stopped");

// The dialogue goes on from what was said.
held.release();
const next = await sent(page, () => page.locator("#ask").click());
told.continued = next.messages.map((message) => [message.role, message.content].flat().at(-1)).map(
  (content) => content.text ?? content);
await done(page);

// An answer that has not begun leaves its question to be asked again.
await askHeld(page, 0);
await page.locator("#stop").click();
await done(page);
told.askedAgain = await page.locator("#question").inputValue();
told.turnsAgain = await page.locator(".turn").count();

// Starting over ends the answer and leaves nothing of it.
await askHeld(page, 3);
const leftBefore = held.left;
await page.locator("#reset").click();
await until(() => held.left > leftBefore);
await done(page);
told.afterReset = await page.locator(".turn").count();
held.release();
await page.locator("#question").fill("Hello.");
told.fresh = (await sent(page, () => page.locator("#ask").click())).messages.length;
await done(page);

for (const [name, options] of [
  ["phone-streaming", { viewport: { width: 360, height: 740 }, hasTouch: true }],
  ["dark-streaming", { colorScheme: "dark" }],
]) {
  const other = await openWithKey(options, held.address);
  await other.locator("#file").setInputFiles(picture);
  await other.locator("#preview").waitFor();
  await askHeld(other, 3);
  await shoot(other, name);
  await other.keyboard.press("Escape");
  await done(other);
  held.release();
}

held.end();
await end();
