/** Look of the page: near to GitHub's, so that a comment is seen as a reviewer sees it. */
export const style = `
:root { color-scheme: light dark; --line: light-dark(#d1d9e0, #3d444d); --soft: light-dark(#f6f8fa, #151b23);
  --ink: light-dark(#1f2328, #f0f6fc); --faint: light-dark(#59636e, #9198a1); --good: light-dark(#1a7f37, #3fb950);
  --bad: light-dark(#d1242f, #f85149); --link: light-dark(#0969da, #4493f8); }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1012px; padding: 32px 24px; background: light-dark(#fff, #0d1117); color: var(--ink);
  font: 14px/1.5 -apple-system, 'Segoe UI', 'Noto Sans', Helvetica, Arial, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 26px; margin: 0; } h2 { font-size: 18px; margin: 0 0 12px; }
a { color: var(--link); text-decoration: none; } small, time { color: var(--faint); }
section { border-top: 1px solid var(--line); margin-top: 32px; padding-top: 24px; }
.timeline { list-style: none; margin: 0; padding: 0; border-left: 2px solid var(--line); }
.timeline > li { padding: 2px 0 2px 12px; }
.timeline > li > div { display: flex; gap: 8px; align-items: baseline; }
time { width: 60px; flex: none; text-align: right; font-variant-numeric: tabular-nums; }
.sign { width: 20px; flex: none; text-align: center; }
.good .sign { color: var(--good); } .bad > div { color: var(--bad); } .faint > div { color: var(--faint); }
.run > div, .merge > div, .pull > div { font-weight: 600; }
.chapter > div { font-weight: 600; margin-top: 12px; color: var(--link); }
.timeline > li > details { margin-left: 96px; }
.fault { color: var(--faint); font-style: italic; }
article { border: 1px solid var(--line); border-radius: 6px; margin: 8px 0 12px; padding: 12px 16px; overflow-x: auto;
  max-width: 780px; }
article h2 { font-size: 20px; border-bottom: 1px solid var(--line); padding-bottom: 6px; }
article h3 { font-size: 16px; margin: 20px 0 8px; }
table { border-collapse: collapse; display: block; overflow-x: auto; overflow-wrap: normal; } th, td { border: 1px solid var(--line); padding: 5px 12px; }
tr:nth-child(even) td { background: var(--soft); } code { background: var(--soft); border-radius: 6px; padding: 2px 5px; font-size: 12px; }
pre { background: var(--soft); border-radius: 6px; padding: 12px; overflow-x: auto; font-size: 12px; margin: 6px 0; }
@media (max-width: 600px) { body { padding: 16px 12px; } .timeline > li > details { margin-left: 12px; } }
.wrong { color: var(--bad); }
.held { color: var(--good); } article table { margin: 0 0 16px; } article details { margin: 4px 0; }
`;
