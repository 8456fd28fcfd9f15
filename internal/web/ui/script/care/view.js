// The pages as the phone draws them itself: without network, and while the
// server does not have everything yet. Values are escaped by h.
import * as store from './store.js';
import * as queue from './queue.js';

class Html { constructor(s) { this.s = s; } }
const esc = s => String(s).replace(/[&<>"']/g, c => '&#' + c.charCodeAt(0) + ';');
const put = v => v instanceof Html ? v.s : Array.isArray(v) ? v.map(put).join('') : v === false || v == null ? '' : esc(v);
export const h = (parts, ...vals) => new Html(parts.reduce((s, p, i) => s + put(vals[i - 1]) + p));

export const icon = n => new Html(`<svg class="ic" aria-hidden="true"><use href="#i-${n}"/></svg>`);
export const chip = (tone, say) => h`<span class="chip chip--${tone}">${say}</span>`;
const zone = {timeZone: 'Asia/Shanghai', hour12: false};
export const clock = ms => new Date(ms).toLocaleTimeString('zh-CN', {...zone, hour: '2-digit', minute: '2-digit'});
export const instant = ms => new Date(ms).toLocaleDateString('zh-CN', {timeZone: 'Asia/Shanghai', month: 'long', day: 'numeric'}) + ' ' + clock(ms);
const dayOf = ms => new Date(ms).toLocaleDateString('sv-SE', {timeZone: 'Asia/Shanghai'});
export const short = on => new Date(on + 'T12:00:00+08:00').toLocaleDateString('zh-CN', {timeZone: 'Asia/Shanghai', month: 'long', day: 'numeric', weekday: 'short'});

export const kinds = {checkin: '到达打卡', items: '服务项目', evidence: '留证', checkout: '签退', confirm: '家属确认', trouble: '有情况', score: '记分', snap: '现场照片'};
const troubles = [['not_home', '家里没人'], ['declined', '老人或家属不接受'], ['hospital', '老人住院了'], ['injury', '老人或我受伤了'], ['unsafe', '现场不安全'], ['other', '别的情况']];
const methods = [['code', '家属念确认码', '6 位数字，在家属手机的“护理”页里'], ['pin', '家属输上门口令', '确认计划时家里自己定的 4 到 6 位数字'], ['sign', '家属签字', '在屏幕上用手指签，或签在纸上拍下来']];

// fold is a visit as the server last told plus what was recorded here since.
export async function fold(id) {
  const v = await store.get('visit', id);
  if (!v) return null;
  const x = structuredClone(v);
  x.here = 0;
  for (const {body: b, state, files} of await queue.list(id)) {
    if (state === 'refused') continue;
    if (state === 'waiting') x.here++;
    if (b.kind === 'checkin' && (!x.begin || b.at < x.begin)) x.begin = b.at;
    if (b.kind === 'checkin') x.place = b.place;
    if (b.kind === 'checkout') x.end = Math.max(x.end || 0, b.at);
    if (b.items) for (const it of x.items) it.done = b.items.find(d => d.item === it.code)?.minutes ?? -1;
    if (state === 'waiting' && (b.kind === 'evidence' || b.kind === 'confirm')) x.proofs += files.length;
    if (b.kind === 'confirm' && state === 'waiting') x.signed = b.method;
    if (b.kind === 'trouble') x.trouble = b.trouble;
  }
  if (x.status !== 'void') x.status = x.begin && x.end >= x.begin ? 'done' : x.trouble ? 'trouble' : x.begin ? 'started' : 'planned';
  return x;
}

const states = {planned: ['info', '还没去'], started: ['wait', '服务中'], done: ['ok', '已完成'], trouble: ['bad', '没做成'], void: ['bad', '不予认定']};
const stateOf = x => x.here ? chip('wait', states[x.status][1] + '，待上传') : chip(...states[x.status]);

const pick = (name, title, options, chosen) => h`<fieldset class="ask"><legend>${title}</legend>${options.map(([v, say, hint], i) =>
  h`<label class="pick"><input type="radio" name="${name}" value="${v}"${v === chosen && new Html(' checked')}><span><b>${say}</b>${hint && h`<small>${hint}</small>`}</span></label>`)}</fieldset>`;
const area = (name, label, hint) => h`<div class="ask"><label for="${name}">${label}</label>${hint && h`<p class="hint">${hint}</p>`}<textarea class="field" id="${name}" name="${name}" rows="2"></textarea></div>`;
export const shot = (label, hint) => h`<div class="ask"><label for="photo">${label}</label><p class="hint">${hint}</p><label class="shot" for="photo">${icon('camera')}<span>拍照或选文件</span><input type="file" id="photo" name="photo" accept="image/*" capture="environment"></label></div>`;
export const end = (...btns) => h`<div class="v-end"><div class="in">${btns}</div></div>`;
const stop = x => h`<a class="btn btn--stop" href="/v/visit/${x.id}/trouble">有情况</a>`;
const form = (x, act, inner) => h`<form class="v-sec" novalidate data-act="${act}" data-visit="${x.id}">${inner}</form>`;

export async function today() {
  const bag = await store.get('kv', 'bag'), all = await store.all('visit');
  const list = (await Promise.all(all.map(v => fold(v.id)))).sort((a, b) => (a.on + a.at).localeCompare(b.on + b.at));
  const days = [...new Set(list.map(v => v.on))].sort();
  return ['今天', h`<h1>${short(dayOf(Date.now()))}</h1><p class="mute">${bag ? h`这是 ${instant(bag.at)} 存在手机里的安排。` : '手机里还没有存安排，有网时打开一次“今天”就会存下。'}</p>
${days.map(on => h`<section class="v-sec"><h2>${short(on)}</h2><div class="v-card">${list.filter(v => v.on === on).map(v => h`<a class="v-visit" href="/v/visit/${v.id}"><time>${v.at || v.begin ? clock(v.at || v.begin) : ''}</time><span><b>${v.name}</b><small>${v.where} · ${v.minutes ? v.minutes + ' 分钟' : '临时上门'}</small></span>${stateOf(v)}</a>`)}</div></section>`)}
${list.length > 0 && h`<p class="v-sec"><a class="btn btn--line btn--wide" href="/v/unplanned">临时上门，不在安排里</a></p>`}`];
}

const head = x => h`<div class="v-head"><h1>${x.name} <small>${x.sex} · ${x.age} 岁</small></h1><p>${x.where}</p>
<div class="v-act">${x.phone && h`<a class="btn btn--line" href="tel:${x.phone}">${icon('phone')}打给家里</a>`}<a class="btn btn--line" href="tel:12393">${icon('phone')}打 12393</a></div></div>`;

const arrived = x => h`<section class="v-sec"><h2>到达打卡${chip('ok', '已存')}</h2><div class="v-card"><p class="v-ok">${icon('check')}<span>${clock(x.begin)} 到达${x.place && x.place.off && h`<small>没有定位，服务照常，之后要说明</small>`}${x.here > 0 && h`<small>存在手机里，还没上传</small>`}</span></p></div></section>`;

const proof = x => h`<section class="v-sec"><h2>留证${x.proofs ? chip('ok', x.proofs + ' 份') : chip('mute', '至少 1 份')}</h2>${form(x, 'photo', shot('拍服务照', '不拍隐私部位；拍好就存'))}</section>`;

// visit draws one visit in its state, or one of its forms.
export async function visit(id, sub) {
  const x = await fold(id);
  if (!x) return ['没有存这次上门', h`<h1>手机里没有存这次上门</h1><p>有网以后再打开，或者回到今天的安排。</p><p class="v-sec"><a class="btn" href="/v/">看今天的安排</a></p>`];
  const mins = Math.max(0, Math.floor(((x.status === 'started' ? Date.now() : x.end) - x.begin) / 60000));
  if (sub === 'trouble') {
    return ['有情况：' + x.name, h`<div class="v-head"><h1>有情况 <small>${x.name}</small></h1><p>先顾人。有危险打 120，再来记。</p><div class="v-act"><a class="btn btn--stop" href="tel:120">${icon('phone')}打 120</a>${x.phone && h`<a class="btn btn--line" href="tel:${x.phone}">${icon('phone')}打给家里</a>`}</div></div>
${form(x, 'trouble', h`${pick('trouble', '发生了什么情况', troubles)}${area('note', '说一说（可以不写）')}${end(h`<a class="btn btn--line" href="/v/visit/${id}">没事了</a>`, h`<button class="btn">记下这个情况</button>`)}`)}`];
  }
  if (sub === 'out' && x.status === 'started') {
    return ['签退：' + x.name, h`<div class="v-head"><h1>签退 <small>${x.name}</small></h1><p>${clock(x.begin)} 开始，已经 <span data-since="${x.begin}">${mins}</span> 分钟${x.minutes > 0 && h`，计划 ${x.minutes} 分钟`}。</p></div>
${form(x, 'checkout', h`<section class="v-sec"><h2>做了哪些，各多少分钟</h2><div class="v-card">${x.items.map(it => h`<div class="v-item"><input type="checkbox" id="i-${it.code}" name="item" value="${it.code}"${it.done >= 0 && new Html(' checked')}><label for="i-${it.code}"><b>${it.name}</b></label><span><input class="field" inputmode="numeric" size="3" name="minutes-${it.code}" aria-label="${it.name}，分钟" value="${it.done >= 0 ? it.done : Math.max(0, it.planned)}"></span></div>`)}</div></section>
<section class="v-sec">${area('note', '要说明的（可以不写）')}</section>${end(h`<a class="btn btn--line" href="/v/visit/${id}">还没完</a>`, h`<button class="btn">签退，请家属确认</button>`)}`)}`];
  }
  if (sub === 'confirm' && x.status === 'done') {
    return ['请家属确认：' + x.name, h`<div class="v-head"><h1>请家属确认</h1><p>${x.name}，${clock(x.begin)} 到 ${clock(x.end)}，${mins} 分钟。</p></div>
<section class="v-sec"><h2>今天做了</h2><div class="v-card">${x.items.filter(it => it.done >= 0).map(it => h`<div class="v-ok">${icon('check')}<span>${it.name}<small>${it.done} 分钟</small></span></div>`)}</div></section>
${form(x, 'confirm', h`${pick('method', '怎么确认', methods)}<div class="ask"><label for="code">确认码或口令</label><p class="hint">念确认码、输口令的填这里；没有网络也先记下，上传时核对</p><input class="field" id="code" name="code" inputmode="numeric" autocomplete="off"></div><div data-sign hidden></div>${shot('签字的照片', '在纸上签字的拍这里')}${end(h`<a class="btn btn--line" href="/v/visit/${id}">家属不在</a>`, h`<button class="btn">家属确认好了</button>`)}`)}`];
  }
  const done = x.items.filter(it => it.done >= 0);
  if (x.status === 'planned') {
    return ['还没去：' + x.name, h`${head(x)}<section class="v-sec"><h2>${short(x.on)} ${x.at > 0 && clock(x.at)}，计划 ${x.minutes} 分钟</h2><div class="v-card">${x.items.map(it => h`<div class="v-ok">${icon('list')}<span>${it.name}<small>${it.planned} 分钟</small></span></div>`)}</div></section>
${form(x, 'checkin', end(stop(x), h`<button class="btn">我到了，打卡</button>`))}`];
  }
  if (x.status === 'started') {
    return ['服务中：' + x.name, h`${head(x)}<div class="v-time"><b data-since="${x.begin}">${mins}</b><span>分钟了，${clock(x.begin)} 开始</span><span>${x.minutes ? `计划 ${x.minutes} 分钟` : '临时上门'}</span></div>${arrived(x)}
${form(x, 'items', h`<section class="v-sec"><h2>今天做的服务</h2><div class="v-card">${x.items.map(it => h`<label class="v-item"><input type="checkbox" name="item" value="${it.code}"${it.done >= 0 && new Html(' checked')}><b>${it.name}</b><span>${it.done >= 0 ? it.done : Math.max(0, it.planned)} 分</span></label><input type="hidden" name="plan-${it.code}" value="${it.done >= 0 ? it.done : Math.max(0, it.planned)}">`)}</div></section>
${end(stop(x), h`<button class="btn" name="then" value="out">做完了，去签退</button>`)}<p class="v-sec"><button class="btn btn--line btn--wide">先保存，接着做</button></p>`)}${proof(x)}`];
  }
  return [states[x.status][1] + '：' + x.name, h`${head(x)}${x.begin > 0 && arrived(x)}<section class="v-sec"><h2>${states[x.status][1]}${x.status === 'done' && (x.signed ? chip('ok', '家属确认已记下') : chip('hot', '家属还没确认'))}</h2><div class="v-card">
${x.end > 0 && h`<div class="v-ok">${icon('check')}<span>${clock(x.end)} 离开，共 ${mins} 分钟</span></div>`}${done.map(it => h`<div class="v-ok">${icon('check')}<span>${it.name}<small>${it.done} 分钟</small></span></div>`)}
${x.trouble && h`<div class="v-ok">${icon('warn')}<span>${(troubles.find(t => t[0] === x.trouble) || [0, x.trouble])[1]}</span></div>`}</div></section>
${x.status === 'done' && h`${proof(x)}${!x.signed && end(h`<a class="btn" href="/v/visit/${id}/confirm">请家属确认</a>`)}`}`];
}

// unplanned offers the persons whom the phone knows.
export async function unplanned() {
  const seen = new Map((await store.all('visit')).map(v => [v.plan, v]));
  return ['临时上门', h`<div class="v-head"><h1>临时上门</h1><p>不在安排里、但今天要去的。没有网络时只能选手机里存着的老人。</p></div>
${seen.size ? h`<form class="v-sec" novalidate data-act="unplanned">${pick('plan', '去谁家', [...seen].map(([p, v]) => [p, v.name, v.where]))}${area('note', '为什么临时上门', '例如：家属来电话，老人摔了一跤要换药')}${end(h`<a class="btn btn--line" href="/v/">不去了</a>`, h`<button class="btn">我到了，打卡</button>`)}</form>` : h`<p class="none">手机里没有存着老人。有网时打开一次“今天”就会存下。</p>`}`];
}

const kb = n => n > 0 ? ` · ${Math.max(1, Math.round(n / 1024))} KB` : '';

// waiting is the queue: what waits, what the server refused and the ways out.
export async function waiting() {
  const all = await queue.list(), me = await store.get('kv', 'who'), net = await store.get('kv', 'net'), last = await store.get('kv', 'last');
  const open = all.filter(e => e.state !== 'sent' || e.say), n = (await queue.waiting()).length;
  const row = e => h`<li class="v-wait" data-id="${e.client_id}" data-state="${e.state}"><p><b>${e.name} · ${kinds[e.body.kind]}${e.body.title && '：' + e.body.title}</b><small>${instant(e.body.at)} 记下${kb(e.files.reduce((s, f) => s + f.size, 0))}${e.who !== me && '，别的账号记的，请本人登录后上传'}</small></p>
${e.state === 'waiting' ? chip('wait', '待上传') : e.state === 'refused' ? chip('bad', '没有收下') : chip('hot', '要补一步')}
${e.say && h`<p class="say">${icon('warn')}${e.say}</p>`}
${e.state === 'refused' && h`<p class="say">您可以：再传一次；还不行就打电话给站里，请站长按这里的时间补录，再从手机里删掉。</p><p class="v-act"><button class="btn btn--line" data-again="${e.client_id}">再传一次</button><a class="btn btn--line" href="tel:12393">${icon('phone')}打 12393</a></p><details><summary>站里已经补录了，删掉这条</summary><button class="btn btn--stop btn--wide" data-drop="${e.client_id}">从手机里删掉</button></details>`}
${e.state === 'sent' && h`<p class="v-act"><a class="btn btn--line" href="/v/visit/${e.body.visit}/confirm">再请家属确认</a><button class="btn btn--line" data-drop="${e.client_id}">知道了</button></p>`}</li>`;
  return h`<p class="notice" data-n="${n}">${icon('cloud')}${n ? `手机里有 ${n} 条等着上传。` : '手机里没有等着上传的记录。'}${last ? `最近一次上传：${instant(last)}。` : ''}${net && !net.ok && net.say}</p>
${net && net.login && n > 0 ? h`<p><a class="btn btn--wide" href="/login/staff?back=/v/queue">登录以后接着上传</a></p>` : n > 0 && h`<p><button class="btn btn--wide" data-upload>上传</button></p>`}
${open.length > 0 && h`<ul class="v-card">${open.map(row)}</ul>`}`;
}
