// kind `reading`: a whole source set to be read in peace. No marks, no margin; the interviewer is muted.
// Where reading stopped is remembered per source on this computer (an id and a turn number, nothing else).

const memory = (name) => `workbench.reading.${name}`;
const recall = (name) => { try { return Number(localStorage.getItem(memory(name))) || 0; } catch { return 0; } };
const remember = (name, turn) => { try { localStorage.setItem(memory(name), String(turn)); } catch { /* private window */ } };

export function reading(facts, { el, disc }, root) {
  const box = el("div", "wv-reading");
  box.tabIndex = 0;
  box.setAttribute("role", "document");
  if (facts.label) box.setAttribute("aria-label", facts.label);
  let speaker = null;
  const rows = facts.turns.map((turn) => {
    const text = el("p", "wv-read-text", turn.text);
    if (facts.lang) text.lang = facts.lang;
    const again = turn.speaker === speaker;
    speaker = turn.speaker;
    const who = el("span", "wv-read-who", again ? null : disc(turn.group), el("span", again ? "wv-sr" : "", turn.speaker || ""));
    const row = el("div", turn.asking ? "wv-read-turn wv-asking" : "wv-read-turn", el("span", "wv-read-n", String(turn.n)), who, text);
    row.dataset.turn = turn.n;
    return row;
  });
  box.append(...rows);

  const top = () => rows.find((row) => row.offsetTop + row.offsetHeight > box.scrollTop + 16) || rows[0];
  const show = (row, above = 12) => { if (row) box.scrollTop = row.offsetTop - above; };
  let late = 0;
  box.addEventListener("scroll", () => {
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
