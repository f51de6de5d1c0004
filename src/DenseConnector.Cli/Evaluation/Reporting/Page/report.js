
// The page: filters the questions and shows a few at a time. What models say is only ever put in as text.
"use strict";

const pageSize = 20;

const states = {
  right: "✓ right",
  partly: "◐ partly right",
  wrong: "✗ wrong",
  answered: "• no verdict here",
  failed: "! failed",
  open: "… not asked yet",
};

const part = (id) => document.getElementById(id);
const { runs, pictures } = JSON.parse(part("data").textContent);
const view = { found: [], first: 0 };

function make(kind, className, text) {
  const made = document.createElement(kind);
  made.className = className;
  made.textContent = text ?? "";
  return made;
}

function option(value, text) {
  const made = make("option", "", text);
  made.value = value;
  return made;
}

// --- Finding --------------------------------------------------------------------------------------------------------

// The states to choose from, with how often they occur in the run.
function countStates() {
  const chosen = part("state").value;
  const items = runs[part("run").value].items;
  const counts = Object.keys(states).map((state) => [state, items.filter((item) => item.state === state).length]);
  part("state").replaceChildren(
    option("", `all (${items.length})`),
    ...counts.filter(([, count]) => count > 0).map(([state, count]) => option(state, `${states[state]} (${count})`)));
  part("state").value = counts.some(([state, count]) => state === chosen && count > 0) ? chosen : "";
}

function find() {
  const state = part("state").value;
  const words = part("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  view.found = runs[part("run").value].items.filter((item) => {
    if (state && item.state !== state) {
      return false;
    }

    const text = [item.name, item.question, item.answer, item.parsed, item.expected, item.file, item.error]
      .join("\n").toLowerCase();
    return words.every((word) => text.includes(word));
  });
  view.first = 0;
  show();
}

// --- Showing --------------------------------------------------------------------------------------------------------

function pictureOf(item) {
  if (item.picture !== undefined) {
    const image = make("img", "");
    image.src = pictures[item.picture];
    image.alt = item.file;
    return image;
  }

  return make("div", "file", item.file ?? "no picture");
}

function articleOf(item) {
  const article = make("article", "");
  const body = make("div", "body");
  const top = make("p", "top");
  const score = item.state === "partly" ? ` (${item.score.toFixed(2)})` : "";
  top.append(make("span", "name", item.name), make("span", `state ${item.state}`, states[item.state] + score));
  const list = make("dl", "");
  const fields = [
    ["Question", item.question],
    ["Answer", item.answer, "answer"],
    ["Read as", item.parsed],
    ["Expected", item.expected],
    ["Error", item.error],
  ];
  for (const [label, text, kind] of fields) {
    if (text !== undefined) {
      list.append(make("dt", "", label), make("dd", kind ?? "", text === "" ? "(empty)" : text));
    }
  }

  body.append(top, list);
  article.append(pictureOf(item), body);
  return article;
}

function show() {
  const { found, first } = view;
  const end = Math.min(first + pageSize, found.length);
  part("items").replaceChildren(...found.slice(first, end).map(articleOf));
  part("count").textContent = found.length === 1 ? "1 question" : `${found.length} questions`;
  part("place").textContent = found.length === 0 ? "none" : `${first + 1} to ${end} of ${found.length}`;
  part("pager").hidden = found.length <= pageSize;
  part("back").disabled = first === 0;
  part("on").disabled = end === found.length;
}

function turn(step) {
  view.first += step * pageSize;
  show();
  part("count").scrollIntoView();
}

part("run").append(...runs.map((run, index) => option(index, run.title)));
part("run").addEventListener("change", () => { countStates(); find(); });
part("state").addEventListener("change", find);
part("search").addEventListener("input", find);
part("filters").addEventListener("submit", (event) => event.preventDefault());
part("back").addEventListener("click", () => turn(-1));
part("on").addEventListener("click", () => turn(1));
countStates();
find();
