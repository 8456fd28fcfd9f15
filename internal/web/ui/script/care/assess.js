// The assessor's visit as the phone draws it itself: the list, one task, one
// item a page. What is scored here lies in the queue like everything else.
import * as store from './store.js';
import * as queue from './queue.js';
import {h, icon, chip, short, shot, end, instant} from './view.js';

// fold is a task as the server last told plus what was scored here since.
async function fold(id) {
  const t = await store.get('task', id);
  if (!t) return null;
  const x = structuredClone(t);
  x.here = 0;
  x.photos = 0;
  for (const {body: b, state} of await queue.list(id)) {
    if (state === 'refused') continue;
    if (b.kind === 'score') x.scores[b.item] = {score: b.score, note: b.note || ''};
    if (b.kind === 'snap') x.photos++;
    if (state === 'waiting') x.here++;
  }
  return x;
}

const questions = async () => await store.get('kv', 'items') || [];
const missing = ['没有存这一件', h`<h1>手机里没有存这一件</h1><p>有网以后再打开，或者回到评估任务。</p><p class="v-sec"><a class="btn" href="/v/assess">看评估任务</a></p>`];

// next is the address after an item: the next one without a score, else the task.
export async function next(id, n) {
  const [x, all] = [await fold(id), await questions()];
  for (let i = n; i < n + all.length; i++) {
    const k = i % all.length;
    if (x && !x.scores[all[k].id]) return `/v/assess/${id}/item/${k + 1}`;
  }
  return '/v/assess/' + id;
}

export const known = async id => !!(await store.get('task', id)) && (await questions()).length > 0;

export async function tasks() {
  const bag = await store.get('kv', 'bag'), all = await store.all('task'), of = (await questions()).length;
  const list = (await Promise.all(all.map(t => fold(t.id)))).sort((a, b) => (a.on || '9').localeCompare(b.on || '9'));
  return ['评估任务', h`<h1>评估任务</h1><p class="mute">${bag ? h`这是 ${instant(bag.at)} 存在手机里的任务。` : '手机里还没有存任务，有网时打开一次“评估任务”就会存下。'}</p>
${list.length ? h`<section class="v-sec"><h2>上门评估</h2><div class="v-card">${list.map(x => h`<a class="v-visit" href="/v/assess/${x.id}"><span class="lead-in">${icon('user')}</span><span><b>${x.name}</b><small>${x.where}</small></span>${x.here ? chip('wait', `${x.here} 条待上传`) : chip('info', x.on ? short(x.on) : `记了 ${Object.keys(x.scores).length}/${of} 项`)}</a>`)}</div></section>` : h`<p class="none">手机里没有存着上门评估的任务。</p>`}`];
}

export async function task(id) {
  const x = await fold(id), all = await questions();
  if (!x) return missing;
  const left = all.filter(q => !x.scores[q.id]), text = q => q.options.find(o => o.score === x.scores[q.id]?.score)?.text;
  return [x.name, h`<div class="v-head"><h1>${x.name} <small>${x.sex} · ${x.age} 岁</small></h1><p>${x.where}</p>${x.phone && h`<div class="v-act"><a class="btn btn--line" href="tel:${x.phone}">${icon('phone')}打给家里</a></div>`}</div>
${x.on && h`<p>${short(x.on)} ${x.slot}上门。</p>`}${x.here > 0 && h`<p class="notice">${icon('cloud')}${x.here} 条存在手机里，有网自动上传。</p>`}
<section class="v-sec"><h2>量表${chip(left.length ? 'wait' : 'ok', `还有 ${left.length} 项`)}</h2><div class="v-card">${all.map((q, i) => h`<a class="v-visit" href="/v/assess/${id}/item/${i + 1}"><span class="lead-in num">${q.no}</span><span><b>${q.name}</b>${text(q) && h`<small>${x.scores[q.id].score} 分 · ${text(q)}</small>`}</span>${text(q) ? chip('ok', '记了') : icon('chev')}</a>`)}</div></section>
<section class="v-sec"><h2>全程录像</h2><p>录像先存在手机相册。有网时上传录像、签字。</p></section>
${left.length > 0 && end(h`<a class="btn" href="/v/assess/${id}/item/${all.indexOf(left[0]) + 1}">接着记分</a>`)}`];
}

const pictures = id => id.startsWith('adl.') ? ['carried', 'helped', 'alone'] : ['lost', 'hazy', 'clear'];

export async function item(id, n) {
  const x = await fold(id), all = await questions(), q = all[n - 1];
  if (!x || !q) return missing;
  const was = x.scores[q.id], pics = pictures(q.id), last = q.options.length - 1;
  return [`${q.no} ${q.name}`, h`<p class="mute">第 ${n} 项，共 ${all.length} 项 · ${x.name}</p>
<form novalidate data-act="score" data-visit="${id}" data-item="${q.id}" data-n="${n}"><fieldset class="ask"><legend><h1>${q.name}</h1></legend>${q.options.map((o, i) =>
  h`<label class="pick"><input type="radio" name="score" value="${o.score}"${was?.score === o.score && h` checked`}>${icon(pics[i === 0 ? 0 : i === last ? 2 : 1])}<span><b>${o.text}</b><small>${o.score} 分</small></span></label>`)}</fieldset>
<div class="ask"><label for="note">看到的情况（可以不写）</label><input class="field" id="note" name="note" value="${was?.note || ''}"></div>
${end(h`<button class="btn btn--line" name="then" value="list">回列表</button>`, h`<button class="btn">下一项</button>`)}</form>
<form class="v-sec" novalidate data-act="snap" data-visit="${id}">${shot('拍一张现场照片（可以不拍）', '拍得到老人做动作，不拍隐私部位')}${x.photos > 0 && h`<p>${chip('ok', `拍了 ${x.photos} 张`)}</p>`}</form>`];
}
