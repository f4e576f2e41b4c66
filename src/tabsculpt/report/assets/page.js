// ---- the page
const main = document.querySelector("main");
const links = document.querySelector("nav .links");
const later = [];
for (const section of data.sections) {
  const folded = Object.entries(section.more);
  if (!section.blocks.length && !section.tables.length && !folded.length && !section.nothing.length) continue;
  const node = make("section", { id: section.name }, make("h2", {}, section.heading), section.text ? make("p", { class: "soft" }, section.text) : null);
  if (section.blocks.length) {
    const grid = make("div", { class: "grid" });
    for (const spec of section.blocks) { const made = block(spec); grid.append(made.node); later.push(made.show); }
    node.append(grid);
  }
  for (const line of section.nothing) node.append(make("p", { class: "nothing" }, line));
  for (const spec of section.tables) { const made = table(spec); node.append(made.node); later.push(made.show); }
  for (const [heading, paragraphs] of folded)
    node.append(make("details", { class: "prose" }, make("summary", {}, heading), ...paragraphs.map((text) => make("p", {}, text))));
  main.append(node);
  links.append(make("a", { href: `#${section.name}` }, section.heading));
}
const everywhere = document.querySelector("nav .picks");
for (const [name, values] of Object.entries(data.filters)) {
  const select = make("select", { "aria-label": `whole page: ${name}`, onchange: (event) => {
    chosen[name] = event.target.value;
    if (!event.target.value) delete chosen[name];
    for (const b of blocks) if (event.target.value) b.pick(name, event.target.value);
    for (const t of tables) t.show();
  } }, make("option", { value: "" }, "all"));
  for (const value of values) select.append(make("option", { value }, value));
  everywhere.append(make("label", {}, name, select));
}
const theme = document.getElementById("theme");
const dark = matchMedia("(prefers-color-scheme: dark)");
const paint = (on) => { document.documentElement.classList.toggle("dark", on); theme.textContent = on ? "light" : "dark"; };
dark.addEventListener("change", (event) => paint(event.matches));
theme.onclick = () => paint(!document.documentElement.classList.contains("dark"));
paint(dark.matches);
for (const show of later) show();
let width = innerWidth;
addEventListener("resize", () => { if (innerWidth !== width) { width = innerWidth; for (const b of blocks) b.show(); } });
// A printed page has every folded text open, light colours, and figures as wide as their paper.
const beforePrint = { closed: [], dark: false };
addEventListener("beforeprint", () => {
  beforePrint.closed = [...document.querySelectorAll("details:not([open])")];
  beforePrint.dark = document.documentElement.classList.contains("dark");
  for (const folded of beforePrint.closed) folded.open = true;
  paint(false);
});
addEventListener("afterprint", () => {
  for (const folded of beforePrint.closed) folded.open = false;
  paint(beforePrint.dark);
});
const tip = document.getElementById("tip");
document.addEventListener("pointermove", (event) => {
  const words = event.target.getAttribute && event.target.getAttribute("data-tip");
  tip.style.display = words ? "block" : "none";
  if (!words) return;
  tip.textContent = words;
  tip.style.left = `${Math.min(innerWidth - tip.offsetWidth - 8, event.clientX + 14)}px`;
  tip.style.top = `${Math.max(4, event.clientY - tip.offsetHeight - 10)}px`;
});
document.documentElement.dataset.ready = "yes";
