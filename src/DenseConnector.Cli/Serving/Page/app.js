// The page: keeps the dialogue, sends it whole each time, and shows the answer as it comes. What the model says is
// only ever put in as text.
"use strict";

const part = (id) => document.getElementById(id);

const state = {
  model: null,
  key: "",
  messages: [], // as the server takes them
  picture: null, // data: URL of a picture that no question has been asked about yet
  running: null, // AbortController of the answer under way
};

// --- The server -----------------------------------------------------------------------------------------------------

async function send(path, options = {}) {
  const headers = { ...options.headers };
  if (state.key) {
    headers.Authorization = `Bearer ${state.key}`;
  }

  const response = await fetch(path, { ...options, headers, credentials: "omit", redirect: "error" });
  if (!response.ok) {
    const body = await response.json().catch(() => null);
    const error = new Error(body?.error?.message ?? `The server answered with ${response.status}.`);
    error.status = response.status;
    throw error;
  }

  return response;
}

async function connect() {
  try {
    const list = await (await send("/v1/models")).json();
    const model = list.data[0];
    state.model = model.id;
    part("model").textContent = `${model.id}, ${model.prompt_template}`;
    fillTemplates(model.prompt_template, model.prompt_templates);
    part("max-tokens").max = model.max_completion_tokens;
    part("key-panel").hidden = true;
    showError(null);
  } catch (error) {
    state.model = null;
    part("model").textContent = error.status === 503 ? "The model is loading …" : "Not connected";
    if (error.status === 401) {
      part("key-panel").hidden = false;
      showError(state.key ? error.message : null);
      part("key").focus();
    } else if (error.status === 503) {
      setTimeout(connect, 2000);
    } else {
      showError(error.message);
    }
  }
}

// The model's own comes first and is sent as no choice at all.
function fillTemplates(own, all) {
  const others = all.filter((name) => name !== own).map((name) => new Option(name));
  part("template").replaceChildren(new Option(own, ""), ...others);
}

// Gives the objects of a stream of server-sent events, until [DONE].
async function* events(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) {
      throw new Error("The server ended the answer early.");
    }

    const parts = (rest + value).split("\n\n");
    rest = parts.pop();
    for (const event of parts) {
      const data = event.replace(/^data: /, "");
      if (data === "[DONE]") {
        return;
      }

      const piece = JSON.parse(data);
      if (piece.error) {
        throw new Error(piece.error.message);
      }

      yield piece;
    }
  }
}

// --- Asking ---------------------------------------------------------------------------------------------------------

function request() {
  const number = (id) => part(id).value === "" ? undefined : Number(part(id).value);
  return {
    model: state.model,
    messages: state.messages,
    stream: true,
    stream_options: { include_usage: true },
    temperature: number("temperature"),
    top_p: number("top-p"),
    max_completion_tokens: number("max-tokens"),
    seed: number("seed"),
    prompt_template: part("template").value || undefined,
  };
}

async function ask() {
  const question = part("question").value.trim();
  if (state.running || !question) {
    part("question").focus();
    return;
  }

  if (!state.model) {
    await connect();
    if (!state.model) {
      return;
    }
  }

  showError(null);
  const text = { type: "text", text: question };
  const image = state.picture && { type: "image_url", image_url: { url: state.picture } };
  state.messages.push({ role: "user", content: image ? [image, text] : [text] });
  const picture = state.picture;
  const asked = addTurn("user", "You", question, picture);
  const answer = addTurn("assistant", "Model", "");
  const running = new AbortController();
  setRunning(running, answer);
  setPicture(null);
  part("question").value = "";

  let said = "";
  let failure = null;
  try {
    said = await receive(answer, running.signal);
  } catch (error) {
    failure = error;
    said = answer.words.textContent;
  }

  setRunning(null, answer);
  if (!answer.block.isConnected) {
    return; // Started over meanwhile.
  }

  if (failure && failure.name !== "AbortError") {
    showError(failure.message);
    if (failure.status === 401) {
      part("key-panel").hidden = false;
    }
  }

  if (said) {
    // Also what was made before a stop: the dialogue goes on from there.
    state.messages.push({ role: "assistant", content: said });
  } else {
    // Nothing was said: the question goes back to where it can be asked again.
    state.messages.pop();
    setPicture(state.picture ?? picture);
    part("question").value ||= question;
    asked.block.remove();
    answer.block.remove();
  }

  part("question").focus();
}

async function receive(answer, signal) {
  const response = await send("/v1/chat/completions", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(request()),
    signal,
  });
  const first = performance.now();
  for await (const piece of events(response)) {
    const text = piece.choices[0]?.delta.content;
    if (text) {
      answer.words.textContent += text;
      scrollToEnd();
    }

    if (piece.choices[0]?.finish_reason === "length") {
      addNote(answer, "Cut at the limit of tokens.");
    }

    if (piece.usage) {
      const seconds = (performance.now() - first) / 1000;
      const made = piece.usage.completion_tokens;
      const speed = made > 1 && seconds > 0 ? `, ${((made - 1) / seconds).toFixed(1)} tokens/s` : "";
      part("speed").textContent = `${made} tokens${speed}`;
    }
  }

  return answer.words.textContent;
}

function reset() {
  state.running?.abort();
  state.messages = [];
  setPicture(null);
  showError(null);
  part("question").value = "";
  part("speed").textContent = "";
  part("dialogue").replaceChildren(welcome);
  part("question").focus();
}

// --- What is seen ---------------------------------------------------------------------------------------------------

const welcome = part("welcome");

function addTurn(role, who, text, picture) {
  welcome.remove();
  const block = document.createElement("div");
  block.className = `turn ${role}`;
  const name = document.createElement("span");
  name.className = "visually-hidden";
  name.textContent = `${who}: `;
  block.append(name);
  if (picture) {
    const image = document.createElement("img");
    image.src = picture;
    image.alt = "The picture asked about";
    block.append(image);
  }

  const words = document.createElement("span");
  words.textContent = text;
  block.append(words);
  part("dialogue").append(block);
  scrollToEnd();
  return { block, words };
}

function scrollToEnd() {
  part("dialogue").scrollTop = part("dialogue").scrollHeight;
}

// The newest turn stays in sight when the settings open or the window changes.
new ResizeObserver(scrollToEnd).observe(part("dialogue"));

function addNote(answer, text) {
  const note = document.createElement("span");
  note.className = "note";
  note.textContent = text;
  answer.block.append(note);
}

function setRunning(running, answer) {
  state.running = running;
  part("ask").disabled = running !== null;
  part("stop").disabled = running === null;
  answer.block.classList.toggle("working", running !== null);

  // A screen reader says the answer once it is whole, not each token.
  part("dialogue").setAttribute("aria-busy", String(running !== null));
}

function showError(message) {
  part("error").textContent = message ?? "";
  part("error").hidden = !message;
}

// --- The picture ----------------------------------------------------------------------------------------------------

function setPicture(url) {
  state.picture = url;
  part("preview").hidden = !url;
  part("remove").hidden = !url;
  part("file").value = "";
  if (url) {
    part("preview").src = url;
  } else {
    part("preview").removeAttribute("src");
  }
}

function take(files) {
  const file = [...files].find((one) => one.type.startsWith("image/"));
  if (!file) {
    showError("That is not a picture.");
    return;
  }

  const reader = new FileReader();
  reader.onload = () => {
    showError(null);
    setPicture(reader.result);
    part("question").focus();
  };
  reader.onerror = () => showError("The picture cannot be read.");
  reader.readAsDataURL(file);
}

part("file").addEventListener("change", (event) => take(event.target.files));
part("file").addEventListener("keydown", (event) => {
  if (event.key === "Enter") {
    event.preventDefault(); // It would send the form; Space alone would open the choice.
    part("file").click();
  }
});
part("remove").addEventListener("click", () => {
  setPicture(null);
  part("file").focus();
});

document.addEventListener("paste", (event) => {
  if (event.clipboardData?.files.length) {
    event.preventDefault();
    take(event.clipboardData.files);
  }
});

// Anywhere on the page: a picture that misses its place must not replace the page.
for (const name of ["dragenter", "dragover", "dragleave", "drop"]) {
  document.addEventListener(name, (event) => {
    event.preventDefault();
    part("drop").classList.toggle("over", name === "dragenter" || name === "dragover");
    if (name === "drop" && event.dataTransfer.files.length) {
      take(event.dataTransfer.files);
    }
  });
}

// --- Keys and buttons -----------------------------------------------------------------------------------------------

part("ask-form").addEventListener("submit", (event) => {
  event.preventDefault();
  ask();
});
part("question").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    ask();
  }
});
part("stop").addEventListener("click", () => state.running?.abort());
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    state.running?.abort();
  }
});
part("reset").addEventListener("click", reset);

async function useKey() {
  state.key = part("key").value.trim();
  await connect();
  if (state.model) {
    part("file").focus(); // The key's own field is gone.
  }
}

part("use-key").addEventListener("click", useKey);
part("key").addEventListener("keydown", (event) => {
  if (event.key === "Enter") {
    useKey();
  }
});

connect();
