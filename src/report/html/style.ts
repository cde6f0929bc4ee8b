/** The page’s look, on screen and on A4. Meaning is never by colour alone: each verdict has its own sign and word. */
export const STYLE = `
:root{--ink:#17212b;--muted:#56636f;--rule:#d9dfe5;--soft:#f5f7f9;--accent:#143a5a;
--pass:#11693b;--pass-bg:#e9f6ee;--fail:#a61b12;--fail-bg:#fdecea;--open:#7a4d00;--open-bg:#fff5dd}
*{box-sizing:border-box}
html{font-family:"Plex Sans",system-ui,sans-serif;font-size:9.5pt;line-height:1.42;color:var(--ink);
-webkit-print-color-adjust:exact;print-color-adjust:exact;font-variant-numeric:tabular-nums}
body{margin:0;background:#e8ecf0}
main{background:#fff;max-width:210mm;margin:8mm auto;padding:14mm 16mm 16mm;box-shadow:0 1px 8px #0002}
h1{font-size:25pt;line-height:1.1;margin:0;font-weight:600;letter-spacing:-.01em}
h2{font-size:13.5pt;line-height:1.25;margin:9mm 0 2.5mm;font-weight:600;color:var(--accent);break-after:avoid}
h3{font-size:10.5pt;margin:5mm 0 1.5mm;font-weight:600;break-after:avoid}
p{margin:0 0 2mm}
a{color:var(--accent)}
ul{margin:0 0 2mm;padding-left:4.5mm}
li{margin:0 0 .8mm}
code,.mono{font-family:"Plex Mono",ui-monospace,monospace;font-size:.9em;overflow-wrap:anywhere}
.muted{color:var(--muted)}
.brand{display:flex;justify-content:space-between;align-items:baseline;border-bottom:.6mm solid var(--accent);
padding-bottom:2mm;margin-bottom:5mm;font-size:8.5pt;letter-spacing:.06em;text-transform:uppercase;color:var(--accent);font-weight:600}
.lead{display:flex;justify-content:space-between;align-items:flex-end;gap:8mm;margin-bottom:4.5mm}
.lead p{margin:0;color:var(--muted);text-align:right;font-size:8.5pt;line-height:1.5}
.lead .what{text-align:left;font-size:9.5pt;margin-bottom:.8mm}

.verdict{border-left:2.2mm solid;padding:3.4mm 5mm 3mm;margin:0 0 4mm;break-inside:avoid}
.verdict .word{display:flex;align-items:center;gap:2.6mm;font-size:16pt;font-weight:600;line-height:1.1}
.verdict .word svg{width:7mm;height:7mm}
.verdict .headline{font-size:11pt;font-weight:600;margin:2mm 0 0;color:var(--ink)}
.verdict ul{margin:2.2mm 0 0;color:var(--ink)}
.verdict .more{margin:1mm 0 0;color:var(--ink);font-size:8.5pt}
.pass{color:var(--pass)}.fail{color:var(--fail)}.inconclusive{color:var(--open)}.none{color:var(--muted)}
.verdict.pass{background:var(--pass-bg);border-color:var(--pass)}
.verdict.fail{background:var(--fail-bg);border-color:var(--fail)}
.verdict.inconclusive{background:var(--open-bg);border-color:#c98a0a}
.badge{display:inline-flex;align-items:center;gap:1.2mm;font-weight:600;white-space:nowrap}
.result{display:flex;gap:3mm;align-items:baseline}
.badge{align-items:baseline}
.badge svg{position:relative;top:.55mm;width:3.5mm;height:3.5mm;flex:none}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.6mm 5mm;margin:0 0 4mm}
dl.two{grid-template-columns:max-content 1fr max-content 1fr}
dt{color:var(--muted)}
dd{margin:0;overflow-wrap:anywhere}
table{width:100%;border-collapse:collapse;margin:0 0 3.5mm;font-size:8.8pt}
caption,h3.caption{text-align:left;margin:0;font-weight:600;font-size:10.5pt;padding:0 0 1.4mm;color:var(--accent);break-after:avoid}
th{text-align:left;font-weight:600;font-size:8pt;color:var(--muted);border-bottom:.3mm solid var(--muted);padding:1mm 3mm 1mm 0;vertical-align:bottom}
td{border-bottom:.2mm solid var(--rule);padding:.95mm 3mm .95mm 0;vertical-align:top;overflow-wrap:anywhere}
th:last-child,td:last-child{padding-right:0}
td.narrow,th.narrow{white-space:nowrap;width:1%}
tr{break-inside:avoid}
thead{display:table-header-group}
td .sub{color:var(--muted);font-size:8.5pt}
.example{border-left:.8mm solid var(--fail);padding:0 0 0 3mm;margin:1.5mm 0 2.5mm;break-inside:avoid}
.claim{break-inside:avoid-page}
.note{background:var(--soft);padding:2.6mm 3.4mm;margin:0 0 3mm}
.note p:last-child{margin:0}
nav ol{columns:2;column-gap:8mm;padding-left:5mm;margin:0}
nav a{text-decoration:none}
.page{break-before:page}
.foot{margin:5mm 0 0;padding-top:2mm;border-top:.2mm solid var(--rule);color:var(--muted);font-size:8pt}
.hash{font-family:"Plex Mono",ui-monospace,monospace;font-size:7.2pt;overflow-wrap:anywhere}
@media screen and (max-width:180mm){main{margin:0;padding:6mm}.lead{flex-direction:column;align-items:flex-start}
.lead p{text-align:left}dl,dl.two{grid-template-columns:max-content 1fr}nav ol{columns:1}
table{display:block;overflow-x:auto}td.narrow{white-space:normal}}
@media print{body{background:#fff}main{max-width:none;margin:0;padding:0;box-shadow:none}a{text-decoration:none}}
@page{size:A4;margin:15mm 16mm 17mm}
`;
