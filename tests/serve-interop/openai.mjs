// What npm's openai client makes of the server; prints one JSON object. Arguments: address, key, model, picture's
// data: URL in a file, question.
import { readFileSync } from "node:fs";
import OpenAI from "openai";

const [address, apiKey, model, pictureFile, question] = process.argv.slice(2);
const client = new OpenAI({ baseURL: `${address}/v1`, apiKey, maxRetries: 0 });
const url = readFileSync(pictureFile, "utf8");
const messages = [{
  role: "user",
  content: [{ type: "image_url", image_url: { url } }, { type: "text", text: question }],
}];
const told = {};

told.models = (await client.models.list()).data.map((one) => one.id);
told.model = (await client.models.retrieve(model)).id;

const whole = await client.chat.completions.create({ model, messages, seed: 1, n: 2 });
told.texts = whole.choices.map((choice) => choice.message.content);
told.reason = whole.choices[0].finish_reason;
told.usage = whole.usage;

const stream = await client.chat.completions.create({
  model, messages, stream: true, stream_options: { include_usage: true },
});
told.pieces = [];
for await (const chunk of stream) {
  if (chunk.choices[0]?.delta.content) {
    told.pieces.push(chunk.choices[0].delta.content);
  }

  told.streamUsage = chunk.usage ?? told.streamUsage;
}

// The client's own gathering of a stream checks its form strictly.
const runner = client.chat.completions.stream({ model, messages });
told.gathered = (await runner.finalChatCompletion()).choices[0].message.content;

const left = await client.chat.completions.create({ model, messages, stream: true });
for await (const chunk of left) {
  left.controller.abort();
  told.left = chunk.object;
}

const errorOf = async (ask) => {
  try {
    await ask();
    return null;
  } catch (error) {
    return { kind: error.constructor.name, status: error.status, param: error.param, code: error.code };
  }
};
told.errors = [
  await errorOf(() => client.chat.completions.create({ model, messages, logprobs: true })),
  await errorOf(() => client.chat.completions.create({ model: "gpt-4o", messages })),
  await errorOf(() => new OpenAI({ baseURL: `${address}/v1`, apiKey: "wrong", maxRetries: 0 }).models.list()),
];
console.log(JSON.stringify(told));
