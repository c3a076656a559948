// The kiosk's screen. The program sends a whole snapshot at every change, and this shows it; it sends
// back which button was pressed, and for which turn. It holds no sentence of its own: the words come
// in the `labels` message. Texts go in as text, never as markup.

const SETTLE_MS = 500; // a finger that comes down sooner after a change was aimed at what was there before
const AGAIN_MS = 4000; // an answer that the program didn't take can be given again
const RETRY_MS = { first: 250, most: 5000 };
const QUIETEST_DBFS = -60;
const NEAR_PX = 40; // a shaking finger may lift off this far beside its button

const $ = (selector, from = document) => from.querySelector(selector);
const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
const answers = $$("[data-answer]");
const more = $("#more");
const page = $("#ending");
const code = $("#take-away img");

let labels = null;
let view = null; // the last snapshot
let shownAt = 0; // when its turn came on the screen
let taken = null; // the turn that was answered by a press here
let chosen = null; // the button that was pressed then
let picture = null;
let socket = null;
let lost = false; // the program is gone
let failures = 0;

// ── Words ──────────────────────────────────────────────────────────────────────────────────────

const label = (path) => path.split(".").reduce((at, key) => at?.[key], labels) ?? "";

function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (all, name) => (name in values ? String(values[name]) : all));
}

/** Puts `text` there unless it stands there already: a screen reader reads again what is replaced. */
function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function list(element, texts, tag) {
  element.replaceChildren(
    ...texts.map((text) => {
      const item = document.createElement(tag);
      item.textContent = text;
      return item;
    }),
  );
}

function showLabels() {
  document.documentElement.lang = labels.language;
  document.title = labels.title;
  for (const element of $$("[data-label]")) put(element, label(element.dataset.label));
  $("#buttons").setAttribute("aria-label", labels.title);
  for (const button of answers) {
    const key = labels.keys[button.dataset.answer] ?? (button.dataset.answer === "stop" ? "Escape" : "");
    if (key) button.setAttribute("aria-keyshortcuts", key);
  }
}

// ── Type that fits ─────────────────────────────────────────────────────────────────────────────

/** The largest whole size from `least` to `most` (px) at which `fits` holds, else `least`. */
function largest(least, most, set, fits) {
  let [low, high] = [Math.floor(least), Math.floor(most)];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    set(middle);
    if (fits()) low = middle;
    else high = middle - 1;
  }
  set(low);
  return fits();
}

const inside = (outer, inner = outer) =>
  inner.scrollWidth <= outer.clientWidth && inner.scrollHeight <= outer.clientHeight;

/** Words that flow over their own box show in no box around it that has padding. */
const wordsFit = ({ scrollWidth, clientWidth }) => scrollWidth <= clientWidth;

function fit() {
  const small = Math.min(innerWidth, innerHeight);
  for (const fitting of [fitWaiting, fitQuestion, fitPage, turnMore, fitButtons]) fitting(small);
}

function fitWaiting(small) {
  const start = $("#waiting button");
  if (!start.clientHeight) return;
  const set = (px) => (start.style.fontSize = `${px}px`);
  largest(14, small * 0.063, set, () => inside(start) && wordsFit($("#say")));
}

function fitQuestion(small) {
  const [box, heading] = [$("#question"), $("#question h1")];
  if (!box.clientHeight) return;
  heading.classList.remove("breaks");
  const set = (px) => (heading.style.fontSize = `${px}px`);
  // What is longer than the screen at the least size breaks its words, and scrolls.
  const whole = largest(24, small * 0.19, set, () => inside(box, heading));
  heading.classList.toggle("breaks", !whole);
  if (whole) box.removeAttribute("tabindex");
  else box.tabIndex = 0;
}

function fitPage(small) {
  more.hidden = true;
  if (!page.clientHeight) return;
  const set = (px) => ($("#page").style.fontSize = `${px}px`);
  more.hidden = largest(Math.max(17, small * 0.022), small * 0.036, set, () => inside(page));
  // What has to be scrolled anyway is set to be read.
  if (!more.hidden) set(Math.max(17, small * 0.028));
}

function fitButtons(small) {
  const bar = $("#buttons");
  const shown = $$("button", bar).filter((button) => !button.hidden);
  if (!shown.length || !bar.clientHeight) return;
  const set = (px) => bar.style.setProperty("--words", `${px}px`);
  const fits = () => shown.every((button) => inside(button) && wordsFit($("span", button)));
  const most = small * (view.phase === "ending" ? 0.045 : 0.065);
  bar.className = `${bar.classList.contains("few") ? "few " : ""}one-line`;
  if (largest(20, most, set, fits)) return;
  bar.classList.remove("one-line");
  bar.classList.toggle("breaks", !largest(14, most, set, fits));
}

// ── The snapshot ───────────────────────────────────────────────────────────────────────────────

function show() {
  const phase = view?.phase;
  const focused = document.activeElement;
  $("#gone").hidden = !lost;
  $("#gone").classList.toggle("over", phase === "ending");
  $("#waiting").hidden = phase !== "waiting";
  $("#talk").hidden = !view || phase === "ending" || phase === "waiting";
  $("#ending").hidden = phase !== "ending";
  $("#buttons").hidden = !view || phase === "waiting";
  if (!labels || !view) return;
  for (const notices of $$(".notices")) list(notices, view.notices, "span");
  for (const button of answers) button.hidden = lost || !view.buttons.includes(button.dataset.answer);
  // While the last words are said, "stop" silences them; after that it ends it all.
  const finishes = phase === "ending" && view.buttons.includes("repeat");
  for (const button of $$("#buttons [data-answer]")) {
    const { answer } = button.dataset;
    put($("span", button), label(`buttons.${answer === "stop" && finishes ? "finish" : answer}`));
  }
  $("#buttons").classList.toggle("few", view.buttons.length < 4);
  if (phase === "waiting") showWaiting();
  else if (phase === "ending") showEnding();
  else showTalk();
  lock();
  fit();
  // What had the focus is gone: the reader goes on at the heading, not at the page's beginning.
  if (focused !== document.body && !focused.checkVisibility()) $("main:not([hidden]) h1[tabindex]")?.focus();
  if (!lost) announce();
}

function showWaiting() {
  const say = view.start_word ? fill(labels.waiting.say, { phrase: view.start_word }) : labels.waiting.touch;
  put($("#say"), say);
  put($("#privacy"), view.privacy);
}

function showTalk() {
  const talk = $("#talk");
  talk.dataset.phase = view.phase;
  for (const icon of $$("#phase svg")) icon.toggleAttribute("hidden", icon.dataset.phase !== view.phase);
  put($("#phase span"), label(`phases.${view.phase}`));
  const { done, most } = view.progress ?? {};
  const counted = view.progress !== null && view.question !== null;
  $("#progress").hidden = !counted;
  if (counted) {
    put($("#progress span"), fill(labels.progress, { now: Math.min(done + 1, most), most }));
    $(".done").style.transform = `scaleX(${most ? done / most : 0})`;
  }
  put($("#question h1"), view.text);
  put($("#heard"), heardText());
  $("#meter").hidden = view.phase !== "listening";
  if (view.phase !== "listening") level(-Infinity);
}

function heardText() {
  if (!view.heard) return "";
  const { text, answer } = view.heard;
  if (text) return fill(labels.heard, { text });
  const touched = label(`buttons.${answer}`);
  return touched && fill(labels.touched, { answer: touched });
}

function showEnding() {
  const { urgency, headline, advice, safety_net, number, symptoms, marks, qr, report, pdf } = view.ending;
  $("#ending").dataset.urgency = urgency;
  for (const sign of $$("#urgency .sign")) sign.toggleAttribute("hidden", sign.dataset.urgency !== urgency);
  put($("#urgency .word"), label(`ending.urgencies.${urgency}`));
  put($("#urgency h1"), headline);
  list($("#advice"), advice, "li");
  list($("#safety-net"), safety_net, "li");
  put($("#number"), fill(labels.ending.number, { number }));
  list($("#symptoms"), symptoms.map((symptom) => symptom.text), "li");
  $("#reported").hidden = !symptoms.length;
  showBody(marks);
  // As a picture, the code can't bring markup or scripts into this page.
  if (qr) code.src = `data:image/svg+xml,${encodeURIComponent(qr)}`;
  else code.removeAttribute("src");
  code.alt = labels.ending.qr;
  $("#take-away").hidden = !qr && !report;
  for (const element of $$("img, .scan", $("#take-away"))) element.hidden = !qr;
  const links = $$(".report a");
  [report, pdf].forEach((path, at) => lead(links[at], path));
  put($("#page .privacy"), view.privacy);
}

/** The program's own pages alone. */
function lead(link, path) {
  const address = path ? new URL(path, location) : null;
  link.parentElement.hidden = address?.origin !== location.origin;
  link.href = link.parentElement.hidden ? "" : address.href;
}

function showBody(marks) {
  const names = marks.filter((part) => Object.hasOwn(labels.parts, part));
  $("#body").hidden = !picture || !names.length;
  if ($("#body").hidden) return;
  const marked = new Set(names.flatMap((part) => [`front-${part}`, `back-${part}`]));
  for (const region of $$("[id]", picture)) region.classList.toggle("marked", marked.has(region.id));
  put($(".parts"), fill(labels.ending.marked, { parts: names.map((part) => labels.parts[part]).join(", ") }));
  $(".sides").hidden = !names.some((part) => part.startsWith("left-"));
}

/** What a screen reader says by itself: what has changed in these two. */
function announce() {
  const ending = view.phase === "ending";
  const told = ["#urgency .word", "#urgency h1", "#number"].map((part) => $(part).textContent);
  put($("#assertive"), ending ? told.join(". ") : "");
  put($("#polite"), ending ? "" : spoken());
}

function spoken() {
  if (view.phase === "waiting") return $("#say").textContent;
  if (view.phase === "heard") return heardText();
  return [...view.notices, view.text].join(" ");
}

async function loadPicture() {
  const reply = await fetch("/body.svg");
  if (!reply.ok) return;
  const drawing = new DOMParser().parseFromString(await reply.text(), "image/svg+xml").documentElement;
  if (drawing.localName !== "svg") return;
  picture = document.importNode(drawing, true);
  // The names of the marked parts stand under it as text.
  picture.setAttribute("aria-hidden", "true");
  $(".picture").replaceChildren(picture);
  show();
}

/** `dbfs`: the level at the microphone. */
function level(dbfs) {
  const share = Math.min(1, Math.max(0, 1 - dbfs / QUIETEST_DBFS));
  $(".level").style.transform = `scaleX(${Math.round(100 * share) / 100})`;
}

// ── Answers ────────────────────────────────────────────────────────────────────────────────────

const settled = (at) => at - shownAt >= SETTLE_MS;

/** Buttons that would do nothing say so; they keep the focus. */
function lock() {
  if (!view) return;
  const pressed = taken === view.turn;
  const counts = pressed ? chosen : view.phase === "heard" && view.heard?.answer;
  for (const button of answers) {
    button.setAttribute("aria-disabled", String(pressed || !settled(performance.now())));
    button.classList.toggle("chosen", button.dataset.answer === counts);
  }
}

/** A press on `answer` that began at time `at`, when `turn` was on the screen. */
function press(answer, turn, at) {
  if (socket.readyState !== WebSocket.OPEN || !view || turn === null) return;
  if (turn === view.turn) {
    if (taken === turn || !settled(at) || !view.buttons.includes(answer)) return;
    taken = turn;
    chosen = answer;
    setTimeout(() => {
      if (view?.turn === turn) {
        taken = null;
        lock();
      }
    }, AGAIN_MS);
    lock();
  }
  socket.send(JSON.stringify({ type: "tap", turn, answer }));
}

const downs = new Map(); // the fingers that are down: pointer → where and when they came down

document.addEventListener("pointerdown", (event) => {
  const button = event.target.closest("[data-answer]");
  if (button && event.button === 0) downs.set(event.pointerId, { button, turn: view?.turn ?? null, at: performance.now() });
});
document.addEventListener("pointerup", (event) => {
  const down = downs.get(event.pointerId);
  downs.delete(event.pointerId);
  if (!down) return;
  const box = down.button.getBoundingClientRect();
  const near =
    event.clientX > box.left - NEAR_PX && event.clientX < box.right + NEAR_PX &&
    event.clientY > box.top - NEAR_PX && event.clientY < box.bottom + NEAR_PX;
  // A button that has gone meanwhile has no box; its turn has gone too, and the program ignores it.
  if (near || !box.width) press(down.button.dataset.answer, down.turn, down.at);
});
document.addEventListener("contextmenu", (event) => event.target.closest("button") && event.preventDefault());
document.addEventListener("pointercancel", (event) => downs.delete(event.pointerId));

/** The turn at which a key went down on a button: the press comes only when it goes up again. */
let keyed = null;
document.addEventListener("click", (event) => {
  if (event.pointerId >= 0) return; // a finger's or a mouse's, dealt with above
  const button = event.target.closest("[data-answer]");
  if (button) press(button.dataset.answer, keyed?.turn ?? view?.turn ?? null, keyed?.at ?? performance.now());
  keyed = null;
});
document.addEventListener("keydown", (event) => {
  if (event.repeat) {
    // A key that is held down is one press, not one for each question that comes by.
    if (event.target.closest("button")) event.preventDefault();
    return;
  }
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  keyed = { turn: view?.turn ?? null, at: performance.now() };
  const answer = event.key === "Escape" ? "stop" : letter(event.key);
  if (answer) press(answer, keyed.turn, keyed.at);
});
document.addEventListener("keyup", () => setTimeout(() => (keyed = null)));

/** WCAG 2.1.4: single letters can be turned off, with ?letters=off in the address. */
const lettersOff = new URLSearchParams(location.search).get("letters") === "off";
function letter(key) {
  if (!labels || lettersOff) return null;
  return Object.keys(labels.keys).find((answer) => labels.keys[answer] === key.toLowerCase());
}

// ── A page that is longer than the screen ──────────────────────────────────────────────────────

const atEnd = () => page.scrollTop + page.clientHeight >= page.scrollHeight - 2;

function turnMore() {
  if (!labels) return;
  put($("span", more), label(atEnd() ? "buttons.top" : "buttons.more"));
  more.classList.toggle("up", atEnd());
}
let turnedAt = -SETTLE_MS;
more.addEventListener("click", () => {
  if (performance.now() - turnedAt < SETTLE_MS) return; // a double tap turns one page
  turnedAt = performance.now();
  const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
  const covered = getComputedStyle($("#urgency")).position === "sticky" ? $("#urgency").offsetHeight : 0;
  // Each page begins where the last one ended, and none begins in the middle of the code.
  const below = page.scrollTop + (page.clientHeight - covered) * 0.85;
  const codeAt = page.scrollTop + code.getBoundingClientRect().top - page.getBoundingClientRect().top - covered - 6;
  const top = codeAt > page.scrollTop + 1 ? Math.min(below, codeAt) : below;
  page.scrollTo({ top: atEnd() ? 0 : top, behavior });
});
page.addEventListener("scroll", () => {
  const up = more.classList.contains("up");
  turnMore();
  if (more.classList.contains("up") !== up) fitButtons(Math.min(innerWidth, innerHeight));
});
addEventListener("resize", fit);
document.fonts.ready.then(fit);

// ── The program ────────────────────────────────────────────────────────────────────────────────

const receive = {
  labels(message) {
    labels = message;
    showLabels();
    show();
  },
  view(message) {
    const before = view;
    view = message;
    lost = false;
    if (view.turn !== before?.turn) {
      shownAt = performance.now();
      setTimeout(lock, SETTLE_MS);
    }
    show();
    if (before?.phase !== "ending") page.scrollTop = 0;
  },
  level(message) {
    if (view?.phase === "listening") level(message.dbfs);
  },
};

function connect() {
  socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`);
  socket.addEventListener("message", ({ data }) => {
    failures = 0;
    const message = JSON.parse(data);
    receive[message.type]?.(message);
  });
  socket.addEventListener("close", () => {
    lose();
    const wait = Math.min(RETRY_MS.first * 2 ** failures++, RETRY_MS.most);
    setTimeout(connect, wait * (0.75 + Math.random() / 2));
  });
}

/** The program is gone. An ending stays readable; a question can't be answered any more. */
function lose() {
  lost = true;
  downs.clear();
  taken = null;
  if (view?.phase !== "ending") view = null;
  show();
  put($("#polite"), "");
  put($("#assertive"), labels ? `${labels.gone.headline} ${labels.gone.call}` : "");
}

connect();
loadPicture();
