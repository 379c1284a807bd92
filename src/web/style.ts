/** How all pages look: one sheet, light and dark, from phones up, in both writing directions. */
export const style = `
:root {
  color-scheme: light dark;
  --ink: light-dark(#1b1f24, #e8eaed);
  --faint: light-dark(#57606a, #a5adb7);
  --ground: light-dark(#f2f4f7, #14171b);
  --card: light-dark(#ffffff, #1e2329);
  --line: light-dark(#8c959f, #6b7580);
  --accent: light-dark(#1f4e79, #8ec2f2);
  --on-accent: light-dark(#ffffff, #10202f);
  --alarm: light-dark(#a4161a, #ff9d9d);
  --alarm-ground: light-dark(#fdecec, #3a1d1f);
  --good-ground: light-dark(#e6f4ea, #1b3324);
}
* { box-sizing: border-box; }
body {
  margin: 0; min-block-size: 100vh; padding: 2rem 1rem; background: var(--ground); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere;
}
main {
  max-inline-size: 27rem; margin: 0 auto; padding: 1.75rem; background: var(--card);
  border: 1px solid light-dark(#d0d7de, #30363d); border-radius: 0.75rem;
}
main.wide { max-inline-size: 44rem; }
.brand, footer { max-inline-size: 27rem; margin: 0 auto 1rem; text-align: center; color: var(--faint); }
.brand { white-space: pre-line; font-size: 1.1rem; color: var(--ink); }
footer { margin-block: 1.5rem 0; font-size: 0.875rem; }
h1 { margin: 0 0 1rem; font-size: 1.5rem; line-height: 1.25; }
h2 { margin: 2rem 0 0.5rem; font-size: 1.125rem; }
p { margin: 0 0 1rem; }
a { color: var(--accent); }
label { display: block; margin: 1rem 0 0.25rem; font-weight: 600; }
input {
  display: block; inline-size: 100%; padding: 0.625rem 0.75rem; font: inherit; color: inherit;
  background: var(--card); border: 1px solid var(--line); border-radius: 0.4rem;
}
input[aria-invalid] { border-color: var(--alarm); border-width: 2px; }
input.code { font: 1.35rem/1.5 ui-monospace, monospace; letter-spacing: 0.2em; direction: ltr; }
button, a.button {
  display: inline-block; margin-block: 1.25rem 0; padding: 0.625rem 1.25rem; font: inherit; font-weight: 600;
  text-decoration: none; color: var(--on-accent); background: var(--accent); border: 1px solid var(--accent);
  border-radius: 0.4rem; cursor: pointer;
}
form > button:only-of-type { inline-size: 100%; }
button.quiet { inline-size: auto; margin: 0; padding: 0.375rem 0.875rem; color: var(--accent); background: none; }
button:hover, a.button:hover { filter: brightness(1.12); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.hint { margin: 0.25rem 0 0; color: var(--faint); font-size: 0.9rem; }
.field-problem { margin: 0.35rem 0 0; color: var(--alarm); font-weight: 600; }
.problem, .done { padding: 0.75rem 1rem; border-radius: 0.4rem; border-inline-start: 4px solid; }
.problem { background: var(--alarm-ground); border-color: var(--alarm); }
.done { background: var(--good-ground); border-color: light-dark(#1a7f37, #57d07a); }
.more { margin: 1.25rem 0 0; }
ul.rows { list-style: none; margin: 0; padding: 0; }
ul.rows > li {
  display: flex; flex-wrap: wrap; gap: 0.5rem 1rem; align-items: center; justify-content: space-between;
  padding-block: 0.75rem; border-block-start: 1px solid light-dark(#d0d7de, #30363d);
}
ul.rows p, .bar p { margin: 0; }
ul.codes {
  columns: 11rem; column-gap: 0.5rem; list-style: none; padding: 0; direction: ltr;
  font: 0.95rem/2 ui-monospace, monospace; white-space: nowrap;
}
.secret { font: 1.05rem/1.6 ui-monospace, monospace; direction: ltr; }
.qr { display: block; max-inline-size: 14rem; margin: 0 auto 1rem; padding: 0.5rem; background: #fff; border-radius: 0.4rem; }
.choices { display: flex; flex-wrap: wrap; gap: 0.75rem; margin-block-start: 1.25rem; }
.choices > button { margin: 0; }
.bar { display: flex; flex-wrap: wrap; gap: 1rem; align-items: center; justify-content: space-between; }
.hidden-name { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); }
@media (max-width: 30rem) { body { padding: 1rem 0.5rem; } main { padding: 1.25rem; } }
@media (forced-colors: active) { button, a.button { border: 2px solid; } }
`
