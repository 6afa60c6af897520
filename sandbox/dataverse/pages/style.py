"""The look of the pages: one style sheet, light and dark, tables that turn into cards below 760 pixels."""

from __future__ import annotations

STYLE = """
:root{--ink:#1c2430;--dim:#5c6675;--line:#dfe3ea;--paper:#fff;--back:#f4f6f9;--mark:#2457c5;--bad:#b3261e;--good:#1a7f4b;
--warn:#9a6200;color-scheme:light dark}
@media(prefers-color-scheme:dark){:root{--ink:#e6eaf0;--dim:#9aa5b5;--line:#323a47;--paper:#1b212b;--back:#12161d;
--mark:#82a8ff;--bad:#ff8a80;--good:#6fd39c;--warn:#f0c070}}
*{box-sizing:border-box}body{margin:0;background:var(--back);color:var(--ink);font:15px/1.45 system-ui,sans-serif}
header{background:var(--paper);border-bottom:1px solid var(--line);padding:.6rem 1.5rem 0}
header b{font-size:1.05rem}nav{display:flex;flex-wrap:wrap;gap:0 1.1rem}
nav a{padding:.45rem 0;color:var(--dim);text-decoration:none;white-space:nowrap;border-bottom:3px solid transparent}
nav a[aria-current]{color:var(--ink);font-weight:600;border-color:var(--mark)}
main{max-width:86rem;margin:0 auto;padding:1rem 1.5rem 3rem}h1{font-size:1.5rem;margin:.3rem 0}h2{font-size:1.1rem;
margin:1.8rem 0 .6rem}a{color:var(--mark)}.top{display:flex;flex-wrap:wrap;gap:.5rem 2rem;align-items:center;
justify-content:space-between;margin-bottom:.8rem}p.note{color:var(--dim);margin:.2rem 0 .8rem}
.card,table{background:var(--paper);border:1px solid var(--line);border-radius:10px}.card{padding:1rem 1.2rem}
table{width:100%;border-spacing:0;overflow:hidden}th,td{padding:.5rem .8rem;text-align:left;vertical-align:top;
border-top:1px solid var(--line)}thead th{border-top:0;color:var(--dim);font-size:.8rem;font-weight:600}
.num{text-align:right;font-variant-numeric:tabular-nums}td.num{white-space:nowrap}td.empty{color:var(--dim)}
form{display:flex;flex-wrap:wrap;gap:.4rem .5rem;align-items:end;margin:0}td form+form{margin-top:.35rem}
label{display:flex;flex-direction:column;font-size:.78rem;color:var(--dim);gap:.15rem}
input,select,button{font:inherit;font-size:.92rem;color:var(--ink);background:var(--paper);border:1px solid var(--line);
border-radius:6px;padding:.3rem .5rem;min-width:0;height:2.1rem}
input{width:12rem}input.num{width:5.4rem}input[type=hidden]{display:none}
:focus-visible{outline:2px solid var(--mark);outline-offset:1px}
button{background:var(--mark);border-color:var(--mark);color:var(--paper);cursor:pointer;font-weight:600}
button.quiet{background:transparent;color:var(--mark)}.error{background:color-mix(in srgb,var(--bad) 14%,var(--paper));
border:1px solid var(--bad);color:var(--bad);border-radius:8px;padding:.6rem .9rem}
.badge{font-size:.78rem;font-weight:600;padding:.1rem .55rem;border-radius:99px;border:1px solid currentColor;
white-space:nowrap}.good{color:var(--good)}.bad{color:var(--bad)}.warn{color:var(--warn)}.calm{color:var(--dim)}
small{color:var(--dim)}code{font-size:.85em;overflow-wrap:anywhere}.card>p:first-child{margin-top:0}
.price{display:flex;flex-wrap:wrap;gap:.2rem .6rem;
align-items:center}.price+.price{margin-top:.35rem}.two{display:grid;grid-template-columns:1fr 22rem;gap:1.2rem;
align-items:start}dl{display:grid;grid-template-columns:auto auto;row-gap:.35rem;margin:0}dt{color:var(--dim)}
dd{margin:0;text-align:right;font-variant-numeric:tabular-nums}dl .sum{font-weight:700;color:var(--ink);
border-top:1px solid var(--line);padding-top:.4rem}.acts{display:flex;flex-wrap:wrap;gap:.5rem;margin-top:1rem}
@media(max-width:760px){header,main{padding-left:.8rem;padding-right:.8rem}nav{gap:0 1rem}nav a{padding:.25rem 0}
.two{grid-template-columns:1fr}.search{width:100%}.search input{flex:1}h1{font-size:1.3rem}
table{border:0;background:none;overflow:visible}thead{display:none}tbody tr{display:block;background:var(--paper);
border:1px solid var(--line);border-radius:10px;margin-bottom:.7rem;padding:.4rem .2rem}
td,td.num{display:grid;grid-template-columns:6.5rem 1fr;gap:.6rem;border:0;padding:.3rem .8rem;text-align:left;
white-space:normal;overflow-wrap:anywhere}td::before{content:attr(data-label);color:var(--dim);font-size:.8rem}
td:has(>div:empty){display:none}td.empty{display:block}td.empty::before{content:none}
td form>input,td form>select{width:100%}td form label,form label{flex:1 1 6rem}label input,label select,label input.num{
width:100%}label:has(input:not(.num)){flex-basis:100%}td .price form>input.num{width:7rem}}
"""
