/**
 * The script of the dialog. No is where the keyboard is; yes can be pressed only after the box beside it was ticked, a moment after the
 * dialog was shown, and not by a key that is held down.
 */

export const PAGE_SCRIPT: string = `
"use strict";
const owner = window.parent !== window ? window.parent : window.opener;
const main = document.querySelector("main");
let port;

function add(to, tag, text, name) {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = text;
  if (name) element.className = name;
  to.append(element);
  return element;
}

function section(head, tag, texts) {
  if (texts.length === 0) return;
  add(main, "h2", head);
  const list = add(main, tag);
  for (const text of texts) add(add(list, "li"), "code", text);
}

function show(view) {
  for (const key of ["title", "origin", "warning", "program", "command", "cwd"])
    if (typeof view[key] !== "string") throw new TypeError(key);
  const title = add(main, "h1", view.title);
  title.id = "title";
  add(main, "p", view.origin);
  if (view.changed) add(main, "p", "It is not what you agreed to before under this name.", "warning");
  if (view.findings.length > 0) {
    add(main, "h2", "Look at this first");
    const list = add(main, "ul", undefined, "findings");
    for (const one of view.findings) {
      const item = add(list, "li", undefined, one.severity === "danger" ? "danger" : "caution");
      add(item, "strong", (one.severity === "danger" ? "Danger" : "Caution") + ", " + one.where + ": ");
      item.append(one.message);
    }
  }
  section("Program", "ul", view.command === view.program ? [view.program] : [view.program, "asked for as " + view.command]);
  section("Arguments", "ol", view.args);
  section("Folder", "ul", [view.cwd]);
  section("Variables", "ul", view.env.map((one) => one.name + " = " + one.value));
  section("Variables of yours that it gets", "ul", [view.inherits.join(", ")]);
  section("Asked for and not done", "ul", view.ignored);
  const warning = add(main, "p", view.warning, "warning");
  warning.id = "warning";
  const label = add(main, "label");
  const box = add(label, "input");
  box.type = "checkbox";
  label.append(" I have read what would run, and I trust who made it.");
  const buttons = add(main, "div", undefined, "buttons");
  const no = add(buttons, "button", "No, do not start it");
  const yes = add(buttons, "button", "Yes, start it");
  no.type = yes.type = "button";
  yes.disabled = true;
  return { box, no, yes };
}

function answer(yes) {
  if (port === undefined) return;
  port.postMessage({ yes });
  port = undefined;
  for (const control of document.querySelectorAll("button, input")) control.disabled = true;
}

function ask(view) {
  const { box, no, yes } = show(view);
  let ready = 0;
  const later = () => { ready = performance.now() + 500; };
  // A click that was meant for what was here a moment ago is no answer.
  window.addEventListener("focus", later);
  document.addEventListener("visibilitychange", later);
  box.addEventListener("change", (event) => { yes.disabled = !(event.isTrusted && box.checked); later(); });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") answer(false);
    // A key that is held down, or Enter where it could be meant for another window.
    if (event.repeat || (event.key === "Enter" && event.target === yes)) event.preventDefault();
  });
  no.addEventListener("click", () => answer(false));
  yes.addEventListener("click", (event) => {
    if (event.isTrusted && box.checked && performance.now() >= ready) answer(true);
  });
  main.hidden = false;
  later();
  // The top stays in sight: what is long must not push what is dangerous away.
  no.focus({ preventScroll: true });
}

window.addEventListener("message", (event) => {
  const { data, source, ports } = event;
  if (source !== owner || data === null || typeof data !== "object" || data.type !== "mcpwire-consent") return;
  if (port !== undefined || !main.hidden || ports.length !== 1) return;
  port = ports[0];
  try {
    ask(data.view);
  } catch {
    // What cannot be shown in full cannot be agreed to.
    answer(false);
  }
});
if (owner) owner.postMessage({ type: "mcpwire-consent-ready" }, "*");
`;
