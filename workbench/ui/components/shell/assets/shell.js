// The saved line. Python says when the project was last written to; the reader says what is still on its way.

const lines = new WeakMap();
let words = {};   // sent with a page, not with every run of the reader's fragment

// Streamlit sends what is typed when the field is left. Until then it is in no file: say so, and hold the tab.
const typed = new Set();
const FIELD = "[data-testid=stTextArea] textarea, [data-testid=stTextInput] input";
const tell = () => window.dispatchEvent(new CustomEvent("workbench:typing"));
if (!window.__workbenchTyping) {
  window.__workbenchTyping = true;
  document.addEventListener("input", (e) => { if (e.target.matches?.(FIELD)) { typed.add(e.target); tell(); } }, true);
  const kept = (e) => { if (typed.delete(e.target)) setTimeout(tell, 400); };
  document.addEventListener("focusout", kept, true);
  document.addEventListener("keydown", (e) => {
    if (e.key === "Enter" && (e.ctrlKey || e.metaKey || e.target.tagName === "INPUT")) kept(e);
  }, true);
  // Ctrl+K (Cmd+K) from anywhere: to the box of the Find screen, or to that screen. What is being typed is left first,
  // so that Streamlit sends it.
  document.addEventListener("keydown", (e) => {
    if (!(e.ctrlKey || e.metaKey) || e.altKey || e.shiftKey || e.key.toLowerCase() !== "k") return;
    const box = document.querySelector(".wh-input");
    const button = document.querySelector(".st-key-shell_find button");
    if (!box && !button) return;
    e.preventDefault();
    e.stopPropagation();
    if (box) { box.focus(); box.select(); return; }
    document.activeElement?.blur?.();
    setTimeout(() => button.click());
  }, true);
  // Ctrl+Z and Ctrl+Shift+Z (or Ctrl+Y) from anywhere, as the buttons: where text is typed they are the field's own,
  // and the reader and the matrix answer them themselves.
  document.addEventListener("keydown", (e) => {
    const key = e.key.toLowerCase();
    if (!(e.ctrlKey || e.metaKey) || e.altKey || e.defaultPrevented || (key !== "z" && key !== "y")) return;
    if (e.target.closest?.("textarea, select, [contenteditable], [role=dialog], input:not([type=checkbox], [type=radio])")) return;
    const button = document.querySelector(`.st-key-shell_${key === "y" || e.shiftKey ? "redo" : "undo"} button`);
    if (!button || button.disabled) return;
    e.preventDefault();
    button.click();
  });
  window.addEventListener("beforeunload", (e) => {
    for (const field of typed) if (!field.isConnected) typed.delete(field);
    if (typed.size) e.preventDefault();
  });
}
const fill = (sentence, values) => (sentence || "").replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

function draw(line) {
  const { data, sending } = line;
  const n = sending?.pending || 0;
  const count = n === 1 ? "one" : "other";
  // The reader says when in milliseconds; a person reads hours and minutes.
  // What was sent before the server last said when it wrote is the older of the two.
  const at = sending?.at > line.told && new Date(sending.at).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  let text = at ? fill(words.saved_at, { at }) : data.saved;
  let state = text ? "good" : "";
  if (document.querySelector(".stApp")?.dataset.testConnectionState !== "CONNECTED" && !sending?.offline) {
    text = words.stopped;
    state = "open";
  } else if (sending?.offline) {
    text = fill(n ? words[`offline_${count}`] : words.offline_none, { n });
    state = "open";
  } else if (n) {
    text = fill(words[`pending_${count}`], { n });
    state = "none";
  } else if ([...typed].some((field) => field.isConnected && field.value.trim())) {
    text = words.typing;
    state = "none";
  }
  line.mark.textContent = { good: "✓", open: "●", none: "○" }[state] || "";
  line.mark.className = `ws-mark ws-${state}`;
  if (line.text.textContent !== text) line.text.textContent = text;   // a live region speaks when it changes
  line.said.textContent = data.said;
}

export default function ({ parentElement, data: [data] }) {
  if (data.words) words = data.words;
  let line = lines.get(parentElement);
  if (!line) {
    const make = (tag, cls) => Object.assign(document.createElement(tag), { className: cls });
    line = { node: make("div", "ws"), mark: make("span", "ws-mark"), text: make("span", "ws-text"), said: make("span", "ws-said") };
    line.mark.setAttribute("aria-hidden", "true");
    line.node.setAttribute("role", "status");
    line.node.append(line.said, line.mark, line.text);
    line.hear = (event) => { line.sending = event.detail; draw(line); };
    line.typing = () => draw(line);
    line.watch = new MutationObserver(line.typing);
    const app = document.querySelector(".stApp");
    if (app) line.watch.observe(app, { attributes: true, attributeFilter: ["data-test-connection-state"] });
    window.addEventListener("workbench:saved", line.hear);
    window.addEventListener("workbench:typing", line.typing);
    parentElement.append(line.node);
    lines.set(parentElement, line);
  } else if (line.data.saved !== data.saved && !line.sending?.pending && !line.sending?.offline) {
    line.sending = null;   // the store has written since: its time is the newer
  }
  if (line.data?.saved !== data.saved) line.told = Date.now();
  line.data = data;
  if (data.lang) document.documentElement.lang = data.lang;
  // Dialogs and popovers stand outside the app's element: without this, light-dark() in them is always light.
  const app = document.querySelector(".stApp");
  if (app) document.documentElement.style.colorScheme = getComputedStyle(app).colorScheme;
  draw(line);
  return () => {
    window.removeEventListener("workbench:saved", line.hear);
    window.removeEventListener("workbench:typing", line.typing);
    line.watch.disconnect();
    line.node.remove();
    lines.delete(parentElement);
  };
}
