/** How many colours people have. */
export const hues = 24

const colours = Array.from(
  { length: hues },
  (_, index) => `.hue${index} { background: hsl(${index * 15} 45% 32%) }`,
)

/** How it looks: near enough to a chat window, light and dark, wide and narrow. */
export const style = `
:root { color-scheme: light dark; --page: #fff; --ink: #1d1c1d; --grey: #616061; --line: #dddcdd; --soft: #f8f8f8; --link: #1264a3;
  --mention: #1d9bd11a; --me: #f2c74466; --code: #c01343; --green: #007a5a; --red: #c9184a; --alert: #c9184a; --amber: #b5730a; --field: #868686; --dim: #00000080 }
@media (prefers-color-scheme: dark) { :root { --page: #1a1d21; --ink: #d1d2d3; --grey: #9a9b9e; --line: #383a3f; --soft: #222529; --link: #5cb3ea;
  --mention: #1d9bd12e; --me: #f2c7443d; --code: #e8912d; --green: #148567; --red: #d63a63; --alert: #ff8099; --amber: #e0a040; --field: #797c81; --dim: #000000a0 } }
* { box-sizing: border-box }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.46 Lato, "Noto Sans", system-ui, sans-serif; overflow-wrap: anywhere }
b { font-weight: 700 }
a { color: var(--link); text-decoration: none }
.place { padding: 10px 20px; border-bottom: 1px solid var(--line); font-weight: 900; font-size: 18px }
.place::before { content: "# "; color: var(--grey); font-weight: 400 }
main { padding: 8px 20px 20px; max-width: 860px }
.thread + .thread, .message.mine { margin-top: 12px }
.message { display: flex; gap: 10px; padding: 8px 0 }
.mine { background: var(--soft); margin-inline: -20px; padding-inline: 20px }
.said { min-width: 0; flex: 1 }
.only { color: var(--grey); font-size: 12px }
.only::before { content: "👁 " }
.avatar { flex: none; width: 36px; height: 36px; border-radius: 8px; color: #fff; font-weight: 700; font-size: 14px; display: grid; place-items: center }
${colours.join('\n')}
.head b { font-weight: 900 }
.head time { color: var(--grey); font-size: 12px; margin-left: 8px }
.badge { font-size: 10px; font-weight: 700; color: var(--grey); background: color-mix(in srgb, var(--grey) 18%, transparent); border-radius: 2px; padding: 1px 3px; margin-left: 5px; vertical-align: 1px }
.edited, .optional, .hint { color: var(--grey); font-size: 13px }
.replies { margin-left: 46px }
.count { color: var(--grey); font-size: 13px; display: flex; align-items: center; gap: 8px }
.count::after { content: ""; flex: 1; border-top: 1px solid var(--line) }
.replies .avatar { width: 24px; height: 24px; border-radius: 6px; font-size: 10px }
.section { display: flex; flex-wrap: wrap; gap: 8px; margin: 4px 0 }
.words { flex: 1; min-width: 0 }
.lines { white-space: pre-line; unicode-bidi: plaintext }
.fields { display: grid; grid-template-columns: 1fr 1fr; gap: 8px }
.context { color: var(--grey); font-size: 13px; margin: 6px 0; display: flex; flex-wrap: wrap; gap: 2px 10px }
h3 { font-size: 18px; font-weight: 900; margin: 8px 0 }
hr { border: 0; border-top: 1px solid var(--line); margin: 12px 0 }
.mention { color: var(--link); background: var(--mention); border-radius: 3px; padding: 0 2px }
.mention.me { background: var(--me); color: var(--ink) }
code { font: 12px/1.5 Menlo, "DejaVu Sans Mono", "Noto Sans Mono", monospace; color: var(--code); background: var(--soft); border: 1px solid var(--line); border-radius: 3px; padding: 1px 3px; white-space: pre-wrap; unicode-bidi: plaintext }
pre { font: 12px/1.5 Menlo, "DejaVu Sans Mono", monospace; background: var(--soft); border: 1px solid var(--line); border-radius: 4px; padding: 8px; margin: 4px 0; white-space: pre-wrap }
blockquote { border-left: 4px solid var(--line); margin: 2px 0; padding-left: 10px }
.actions { display: flex; flex-wrap: wrap; gap: 8px; margin: 8px 0 4px; align-items: center }
.button, .menu summary { font: 700 15px/1 Lato, "Noto Sans", system-ui, sans-serif; color: var(--ink); background: transparent; border: 1px solid var(--field); border-radius: 8px; padding: 9px 12px; min-height: 36px; cursor: pointer }
.actions .button, .menu summary { font-size: 13px; padding: 7px 10px; min-height: 30px }
.button a { color: inherit }
.primary { background: var(--green); border-color: var(--green); color: #fff }
.danger { background: var(--red); border-color: var(--red); color: #fff }
.modal .primary { background: var(--green) }
.menu { position: relative }
.menu summary { list-style: none }
.menu div { position: absolute; z-index: 1; background: var(--page); border: 1px solid var(--line); border-radius: 8px; padding: 6px 0; margin-top: 4px; min-width: 200px; box-shadow: 0 4px 16px #0003 }
.menu div button { display: block; width: 100%; text-align: left; font: inherit; color: inherit; background: none; border: 0; padding: 5px 20px }
.plan { border: 1px solid var(--line); border-radius: 10px; padding: 9px 12px; margin: 8px 0; max-width: 640px }
.plan summary { font-weight: 700; cursor: pointer }
.plan ul { list-style: none; margin: 6px 0 0; padding: 0 }
.plan li { display: flex; gap: 9px; padding: 4px 0 }
.plan li > div { min-width: 0 }
.output { color: var(--grey); font-size: 13px }
.state { flex: none; width: 16px; height: 16px; margin-top: 3px; border-radius: 50%; border: 2px solid var(--field); color: #fff; font: 700 10px/12px sans-serif; text-align: center }
.state.in_progress { border-color: var(--link) var(--line) var(--line) }
.state.complete { background: var(--green); border-color: var(--green) }
.state.error { background: var(--red); border-color: var(--red) }
table { border-collapse: collapse; margin: 8px 0 }
td { border: 1px solid var(--line); padding: 3px 8px }
.picture, .file { border: 1px solid var(--line); border-radius: 8px; padding: 10px; color: var(--grey); margin: 4px 0; max-width: 400px }
.image { display: inline-block; width: 20px; height: 20px; background: var(--line); border-radius: 3px }
.windows { display: grid; gap: 20px; padding: 20px; justify-items: center }
.over { position: fixed; inset: 0; background: var(--dim); align-content: center; overflow: auto }
.modal { background: var(--page); width: 100%; max-width: 520px; border: 1px solid var(--line); border-radius: 10px; box-shadow: 0 8px 30px #0003 }
.modal header { display: flex; align-items: center; gap: 10px; padding: 14px 20px 10px }
.modal h2 { flex: 1; font-size: 20px; font-weight: 900; margin: 0 }
.modal header .avatar { width: 28px; height: 28px; font-size: 12px }
.x { font-size: 24px; line-height: 1; color: var(--grey); background: none; border: 0 }
.body { padding: 2px 20px 6px }
.modal footer { display: flex; justify-content: flex-end; gap: 10px; padding: 12px 20px 16px; border-top: 1px solid var(--line) }
.input { margin: 12px 0; border: 0; padding: 0; min-width: 0 }
.label { display: block; font-weight: 700; margin-bottom: 5px; padding: 0 }
.optional { font-weight: 400 }
.hint { margin-top: 4px }
.wrong { color: var(--alert); font-size: 13px; margin-top: 4px }
.field, textarea, select { font: inherit; color: inherit; background: var(--page); border: 1px solid var(--field); border-radius: 8px; padding: 8px 11px }
select { max-width: 100% }
.field, textarea { width: 100%; resize: none }
.actions select { font-size: 13px; padding: 5px 8px }
.boxes.many { max-height: 190px; overflow: auto; border: 1px solid var(--field); border-radius: 8px; padding: 4px 10px }
.combo { position: relative }
.combo ul { position: absolute; z-index: 2; inset-inline: 0; margin: 4px 0 0; padding: 6px 0; list-style: none; background: var(--page); border: 1px solid var(--line); border-radius: 8px; box-shadow: 0 4px 16px #0003; max-height: 220px; overflow: auto }
.combo li { padding: 4px 14px; cursor: pointer }
.combo li[aria-selected=true] { background: var(--mention) }
.boxes label { display: flex; gap: 9px; padding: 3px 0 }
.boxes input { flex: none; width: 16px; height: 16px; margin: 4px 0 0; accent-color: var(--link) }
.boxes small { display: block; color: var(--grey); font-size: 13px }
@media (max-width: 480px) { main { padding-inline: 14px } .replies { margin-left: 22px } .windows { padding: 0 } .modal { border-radius: 0; border: 0; box-shadow: none } .fields { grid-template-columns: 1fr } }
`
