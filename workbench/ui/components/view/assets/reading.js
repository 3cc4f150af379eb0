// kind `reading`: a whole source set to be read in peace; the interviewer is muted. On re-reading its marks are there
// to be seen and pressed, and a passage can be picked; nothing is changed here.
// Where reading stopped is remembered per source on this computer (an id and a turn number, nothing else).

const memory = (name) => `workbench.reading.${name}`;
const recall = (name) => { try { return Number(localStorage.getItem(memory(name))) || 0; } catch { return 0; } };
const remember = (name, turn) => { try { localStorage.setItem(memory(name), String(turn)); } catch { /* private window */ } };

/** The text cut where marks begin and end; every piece lies in its marks, each underlined on a line of its own. */
function marked(turn, el) {
  const letters = Array.from(turn.text);   // offsets count code points
  const edges = [...new Set([0, letters.length, ...turn.marks.flatMap((m) => [m.start, m.end])])].sort((a, b) => a - b);
  const lane = [];   // a mark keeps its line from its first letter to its last
  turn.marks.forEach((m, i) => {
    const taken = turn.marks.slice(0, i).flatMap((o, k) => (o.start < m.end && o.end > m.start ? [lane[k]] : []));
    lane.push([0, 1, 2, 3].find((n) => !taken.includes(n)) ?? 3);
  });
  return edges.slice(1).map((end, i) => {
    const start = edges[i];
    const here = turn.marks.map((m, k) => [m, lane[k]]).filter(([m]) => m.start <= start && m.end >= end);
    let piece = letters.slice(start, end).join("");
    // The shortest mark is the innermost, and the one that is pressed.
    for (const [m, n] of here.sort(([a], [b]) => (a.end - a.start) - (b.end - b.start))) {
      const outer = el("mark", `wv-read-mark wv-press wv-colour-${m.colour} wv-lane-${n}${m.current ? " wv-mark-current" : ""}`, piece);
      outer.dataset.id = m.id;
      outer.title = m.title;
      piece = outer;
    }
    return piece;
  });
}

/** A button beside what is selected, which sends the passage in code points of the whole text. */
function picking(box, rows, facts, el) {
  const button = el("button", "wv-press wv-read-pick", facts.pick);
  button.type = "button";
  button.hidden = true;
  const point = (node, offset) => {
    const row = (node.nodeType === 1 ? node : node.parentElement)?.closest?.(".wv-read-turn");
    const text = row?.querySelector(".wv-read-text");
    if (!text?.contains(node)) return null;
    const before = document.createRange();
    before.selectNodeContents(text);
    before.setEnd(node, offset);
    return facts.turns[rows.indexOf(row)].start + Array.from(before.toString()).length;
  };
  const letter = (at) => {
    const turn = facts.turns.findLast((x) => x.start <= at);
    letters.has(turn) || letters.set(turn, Array.from(turn?.text ?? ""));
    return letters.get(turn)[at - (turn?.start ?? 0)] ?? "";
  };
  const letters = new Map();
  const settle = () => {
    const chosen = document.getSelection();
    button.hidden = true;
    if (!chosen?.rangeCount || chosen.isCollapsed || !box.contains(chosen.anchorNode)) return;
    const range = chosen.getRangeAt(0);
    let [start, end] = [point(range.startContainer, range.startOffset), point(range.endContainer, range.endOffset)];
    if (start === null || end === null || end <= start) return;
    while (end > start && /\s/.test(letter(end - 1))) end -= 1;
    while (start < end && /\s/.test(letter(start))) start += 1;
    if (start === end) return;
    const inWord = (at) => /[\p{L}\p{M}\p{N}]/u.test(letter(at));   // a word that was begun is taken whole
    while (inWord(start) && inWord(start - 1)) start -= 1;
    while (inWord(end - 1) && inWord(end)) end += 1;
    const [last, frame] = [[...range.getClientRects()].at(-1), box.getBoundingClientRect()];
    button.dataset.id = `passage:${start}:${end}`;
    button.hidden = false;
    button.style.top = `${last.bottom - frame.top + box.scrollTop + 4}px`;
    button.style.left = `${Math.max(8, Math.min(last.right - frame.left - button.offsetWidth, frame.width - button.offsetWidth - 16))}px`;
  };
  // A click would drop the selection before it is read.
  button.addEventListener("mousedown", (event) => event.preventDefault());
  button.addEventListener("click", () => { button.hidden = true; });
  box.addEventListener("mouseup", () => setTimeout(settle));
  // The keys of the buttons beside the text: what is being typed there is handed over before the button is pressed.
  const early = (event) => {
    if (!box.isConnected) window.removeEventListener("keydown", early, true);
    else if (event.altKey && /^Digit[1-3]$/.test(event.code)) document.activeElement?.blur?.();
  };
  window.addEventListener("keydown", early, true);
  box.addEventListener("keyup", (event) => { if (event.shiftKey || event.key === "Shift") settle(); });
  box.addEventListener("mousedown", (event) => { if (event.target !== button) button.hidden = true; });
  // Selecting inside a mark is no press on it.
  box.addEventListener("click", (event) => { if (event.target !== button && !document.getSelection()?.isCollapsed) event.stopPropagation(); });
  return button;
}

export function reading(facts, { el, disc }, root) {
  const box = el("div", "wv-reading");
  box.tabIndex = 0;
  box.setAttribute("role", "document");
  if (facts.label) box.setAttribute("aria-label", facts.label);
  let speaker = null;
  const rows = facts.turns.map((turn) => {
    const text = el("p", "wv-read-text", ...(turn.marks?.length ? marked(turn, el) : [turn.text]));
    if (facts.lang) text.lang = facts.lang;
    const again = turn.speaker === speaker;
    speaker = turn.speaker;
    const who = el("span", "wv-read-who", again ? null : disc(turn.group), el("span", again ? "wv-sr" : "", turn.speaker || ""));
    const tags = turn.tags?.length ? el("span", "wv-read-tags", ...turn.tags.map((x) => {
      const tag = el("span", `wv-read-tag wv-colour-${x.colour}`, x.tag);
      tag.title = x.title;
      return tag;
    })) : null;
    const row = el("div", turn.asking ? "wv-read-turn wv-asking" : "wv-read-turn", el("span", "wv-read-n", String(turn.n)), who, text, tags);
    row.dataset.turn = turn.n;
    return row;
  });
  box.append(...rows);
  if (facts.pick) box.append(picking(box, rows, facts, el));

  const top = () => rows.find((row) => row.offsetTop + row.offsetHeight > box.scrollTop + 16) || rows[0];
  const show = (row, above = 12) => { if (row) box.scrollTop = row.offsetTop - above; };
  let late = 0;
  const again = root.reading?.name === facts.name ? root.reading.top : null;   // drawn anew while it was being read
  root.reading = { name: facts.name, top: again ?? 0 };
  box.addEventListener("scroll", () => {
    if (box.isConnected) root.reading.top = box.scrollTop;
    clearTimeout(late);
    late = setTimeout(() => { if (facts.name && box.isConnected) remember(facts.name, top()?.dataset.turn); }, 250);
  });
  box.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = { j: 1, k: -1 }[event.key.toLowerCase()];
    event.stopPropagation();
    if (!step) return;
    event.preventDefault();
    const at = rows.findIndex((row) => row.offsetTop - 12 > box.scrollTop + 1);
    const here = at < 0 ? rows.length : at;   // the first turn below the top edge
    show(rows[Math.max(0, step > 0 ? here : here - 2)]);
  });

  const asked = facts.current && facts.current !== root.asked;
  root.asked = facts.current;
  requestAnimationFrame(() => {
    if (again !== null && !asked) {
      box.scrollTop = again;
      return;
    }
    const turn = asked ? facts.current : facts.name ? recall(facts.name) : 0;
    const row = rows.find((r) => Number(r.dataset.turn) === turn);
    if (row) show(row, asked ? 60 : 12);
    if (row && asked) {
      row.classList.add("wv-read-here");
      setTimeout(() => row.classList.remove("wv-read-here"), 2500);
    }
  });
  return box;
}
