// A server between the page and the real one that holds answers back in their middle, as a slow model would.
import { createServer, request } from "node:http";

export class HeldServer {
  #target;
  #server;
  #release = () => {};
  #released = Promise.resolve();
  #events = Infinity;

  // Answers that the browser left before they were whole.
  left = 0;

  constructor(address) {
    this.#target = new URL(address);
    this.#server = createServer((asked, answer) => this.#pass(asked, answer));
  }

  async start() {
    await new Promise((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    this.address = `http://127.0.0.1:${this.#server.address().port}`;
  }

  // From now on, answers stop behind so many of their events.
  hold(events) {
    this.#events = events;
    this.#released = new Promise((resolve) => { this.#release = resolve; });
  }

  release() {
    this.#events = Infinity;
    this.#release();
  }

  end() {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #pass(asked, answer) {
    const { hostname, port } = this.#target;
    const { method, headers, url: path } = asked;
    asked.pipe(request({ hostname, port, path, method, headers }, async (response) => {
      answer.writeHead(response.statusCode, response.headers);
      if (!response.headers["content-type"]?.startsWith("text/event-stream")) {
        response.pipe(answer);
        return;
      }

      answer.on("close", () => { this.left += answer.writableFinished ? 0 : 1; });
      const events = Buffer.concat(await response.toArray()).toString().split(/(?<=\n\n)/);
      const first = events.slice(0, this.#events);
      answer.flushHeaders();
      answer.write(first.join(""));
      await this.#released;
      answer.end(events.slice(first.length).join(""));
    }));
  }
}
