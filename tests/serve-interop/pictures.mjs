// Drops and pastes pictures into the web page; see browser.mjs.
import { readFile } from "node:fs/promises";
import { done, end, lastAnswer, openWithKey, picture, question, sent, shoot, told } from "./browser.mjs";

const encoded = (await readFile(picture)).toString("base64");
const page = await openWithKey({ permissions: ["clipboard-read", "clipboard-write"] });
const preview = page.locator("#preview");

// What a drag of files carries.
const carry = (name, type, content) => page.evaluateHandle(([fileName, mediaType, base64]) => {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], fileName, { type: mediaType }));
  return transfer;
}, [name, type, content]);
const marked = () => page.locator("#drop.over").count();
const imageOf = (body) => body.messages.at(-1).content.find((one) => one.type === "image_url")?.image_url.url;

// A picture is dropped, on a place of the page that is not the one meant for it.
const files = await carry("shapes.jpg", "image/jpeg", encoded);
await page.dispatchEvent("#dialogue", "dragenter", { dataTransfer: files });
told.markedOver = await marked();
await shoot(page, "dragged");
await page.dispatchEvent("#dialogue", "dragleave", { dataTransfer: files });
told.markedBeside = await marked();
await page.dispatchEvent("#dialogue", "dragover", { dataTransfer: files });
await page.dispatchEvent("#dialogue", "drop", { dataTransfer: files });
await preview.waitFor();
told.markedAfter = await marked();
told.focus = await page.evaluate(() => document.activeElement.id);
await page.keyboard.type(question);
const dropped = await sent(page, () => page.keyboard.press("Enter"));
told.droppedWhole = imageOf(dropped) === `data:image/jpeg;base64,${encoded}`;
await done(page);
told.dropped = await lastAnswer(page).textContent();
await page.locator("#reset").click();

// What is no picture is refused, and what was chosen before stays.
const notes = await carry("notes.txt", "text/plain", btoa("notes"));
await page.dispatchEvent("#drop", "drop", { dataTransfer: notes });
told.noPicture = await page.locator("#error").textContent();
told.nothingShown = await preview.isHidden();

// A picture is copied and pasted with the keyboard, as from another program.
await page.evaluate(async (url) => {
  const image = new Image();
  image.src = url;
  await image.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [image.width, image.height];
  canvas.getContext("2d").drawImage(image, 0, 0);
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  await navigator.clipboard.write([new ClipboardItem({ "image/png": blob })]);
}, `data:image/jpeg;base64,${encoded}`);
await page.locator("#question").focus();
await page.keyboard.press("Control+V");
await preview.waitFor();
told.errorGone = await page.locator("#error").isHidden();
await shoot(page, "pasted");
await page.keyboard.type(question);
const pasted = await sent(page, () => page.keyboard.press("Enter"));
told.pastedType = imageOf(pasted).slice(0, 22);
await done(page);
told.pasted = await lastAnswer(page).textContent();

// A text is pasted as a text.
await page.evaluate(() => navigator.clipboard.writeText("a pasted text"));
await page.keyboard.press("Control+V");
told.text = await page.locator("#question").inputValue();

// A picture that is not wanted goes, and the question is asked without it.
await page.locator("#file").setInputFiles(picture);
await preview.waitFor();
await page.locator("#remove").click();
told.removed = await preview.isHidden();
told.without = imageOf(await sent(page, () => page.locator("#ask").click())) ?? null;
await done(page);
await end();
