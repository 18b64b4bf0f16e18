// Runs in a world of its own inside a page: the page's scripts neither see nor change it. Finds elements as a person would name
// them, says what keeps them from being clicked, and answers conditions. Never clicks by itself but where a step says "hidden".
globalThis.slated = (() => {
    const norm = text => (text || "").replace(/\s+/g, " ").trim();
    const sleep = ms => new Promise(done => setTimeout(done, ms));
    const frame = () => Promise.race([new Promise(done => requestAnimationFrame(done)), sleep(100)]);

    const words = el => norm(el.matches("input[type=submit],input[type=button]") ? el.value : el.innerText ?? el.textContent);
    const name = el => {
        const id = el.id ? "#" + el.id : el.classList.length ? "." + [...el.classList].join(".") : "";
        const text = words(el).slice(0, 40);
        return el.tagName.toLowerCase() + id + (text ? ` "${text}"` : "");
    };
    const say = target => JSON.stringify(target);

    function* all(css, root) {
        yield* root.querySelectorAll(css);
        for (const el of root.querySelectorAll("*"))
            if (el.shadowRoot)
                yield* all(css, el.shadowRoot);
    }

    const above = el => el.parentElement || (el.getRootNode() instanceof ShadowRoot ? el.getRootNode().host : null);
    const holds = (outer, inner) => {
        for (let at = inner; at; at = above(at))
            if (at === outer)
                return true;
        return false;
    };

    const visible = el => {
        const box = el.getBoundingClientRect();
        if (box.width <= 0 || box.height <= 0)
            return false;
        return el.checkVisibility ? el.checkVisibility({checkVisibilityCSS: true}) : getComputedStyle(el).visibility === "visible";
    };
    const disabled = el => {
        for (let at = el; at; at = above(at))
            if (at.getAttribute("aria-disabled") === "true")
                return true;
        const control = el.closest("button,input,select,textarea,option,fieldset");
        return !!control && control.matches(":disabled");
    };

    const roles = {button: "button,input[type=submit],input[type=button],[role=button]", link: "a[href],[role=link]",
                   textbox: "textarea,input:not([type]),input[type=text],input[type=search],[contenteditable=true],[role=textbox]",
                   checkbox: "input[type=checkbox],[role=checkbox]", tab: "[role=tab]", option: "option,[role=option]",
                   dialog: "dialog,[role=dialog],[role=alertdialog]", img: "img,[role=img]", menuitem: "[role=menuitem]"};

    function fits(el, target) {
        if (target.within) {
            const box = el.getBoundingClientRect();
            for (const side of ["x", "y", "width", "height"]) {
                const range = target.within[side];
                if (range && (box[side] < range[0] || box[side] > range[1]))
                    return false;
            }
        }
        const wanted = target.words || (target.text !== undefined ? [target.text] : null);
        if (wanted) {
            if (!wanted.some(word => norm(el.textContent).includes(norm(word)) || norm(el.value).includes(norm(word))))
                return false;
            const own = words(el);
            if (!wanted.some(word => target.exact ? own === norm(word) : own.includes(norm(word))))
                return false;
        }
        if (target.matches !== undefined && !new RegExp(target.matches, "iu").test(words(el)))
            return false;
        if (target.title !== undefined && !norm(el.title).includes(target.title) && !words(el).includes(target.title))
            return false;
        return true;
    }

    // Of elements that hold one another, the innermost: a word stands in its button, and in all that is around it.
    const innermost = list => list.filter(el => !list.some(other => other !== el && el.contains(other)));

    function nearest(list, text) {
        const step = el => {
            let n = 0;
            for (let at = above(el); at && n < 6; at = above(at), n++)
                if (norm(at.textContent).includes(norm(text)))
                    return n;
            return Infinity;
        };
        const least = Math.min(Infinity, ...list.map(step));
        return least === Infinity ? [] : list.filter(el => step(el) === least);
    }

    // Those whose nearest common surroundings with the picture (one of several) are the smallest.
    function beside(list, sources) {
        const wanted = new Set([].concat(sources));
        const step = el => {
            let n = 0;
            for (let at = el; at && n < 8; at = above(at), n++)
                if (wanted.has(at.src) || [...at.querySelectorAll("img,a,video")].some(one => wanted.has(one.src || one.href)))
                    return n;
            return Infinity;
        };
        const least = Math.min(Infinity, ...list.map(step));
        return least === Infinity ? [] : list.filter(el => step(el) === least);
    }

    function find(target, hidden) {
        if (typeof target === "string")
            target = {css: target};
        const css = target.css || (target.role ? roles[target.role] || `[role=${target.role}]` : "*");
        let list = [...all(css, document)].filter(el => (hidden || visible(el)) && fits(el, target));
        if (target.text !== undefined || target.words || target.matches !== undefined)
            list = innermost(list);
        if (target.beside !== undefined && target.beside !== null)
            list = beside(list, target.beside);
        if (target.near !== undefined)
            list = nearest(list, target.near);
        for (let n = target.up || 0; n > 0; n--)
            list = list.map(el => above(el)).filter(Boolean);
        if (target.nth === "last")
            list = list.slice(-1);
        else if (target.nth !== undefined)
            list = list.slice(target.nth, target.nth + 1);
        return list;
    }

    const deep = (x, y) => {
        let at = document.elementFromPoint(x, y);
        for (let inner; at && at.shadowRoot && (inner = at.shadowRoot.elementFromPoint(x, y)) && inner !== at;)
            at = inner;
        return at;
    };
    const point = el => {
        for (const box of el.getClientRects()) {
            const left = Math.max(box.left, 0), right = Math.min(box.right, innerWidth);
            const top = Math.max(box.top, 0), bottom = Math.min(box.bottom, innerHeight);
            if (right - left > 0 && bottom - top > 0)
                return [(left + right) / 2, (top + bottom) / 2];
        }
        return null;
    };
    const labels = el => el.closest("label")?.control;
    // What lies over the element at its point, or null when a click would reach it.
    const cover = (el, at) => {
        const hit = deep(at[0], at[1]);
        return hit && (holds(el, hit) || labels(hit) === el) ? null : hit ? name(hit) : "nothing";
    };

    let aim = null; // the element of the click under way
    async function ready(el, turn) {
        if (!el.isConnected)
            return "it went away";
        if (disabled(el))
            return `${name(el)} is disabled`;
        const before = el.getBoundingClientRect();
        await frame();
        await frame();
        const after = el.getBoundingClientRect();
        if (["x", "y", "width", "height"].some(side => before[side] !== after[side]))
            return `${name(el)} is moving`;
        let at = point(el);
        if (!at || turn > 2) {
            el.scrollIntoView({block: ["center", "end", "start", "nearest"][turn % 4], inline: "center", behavior: "instant"});
            await frame();
            at = point(el);
        }
        if (!at)
            return `${name(el)} is outside the window`;
        const over = cover(el, at);
        return over ? `${name(el)} is covered by ${over}` : at;
    }

    function single(target, hidden) {
        const list = find(target, hidden);
        if (list.length > 1)
            return `${list.length} elements fit ${say(target)}: ${list.slice(0, 3).map(name).join(", ")}; say which with "within", "near" or "nth"`;
        if (list.length)
            return list[0];
        const unseen = hidden ? [] : find(target, true);
        return unseen.length ? `${say(target)} is there but hidden (${name(unseen[0])})` : `nothing fits ${say(target)}`;
    }

    // Waits until the one element of target can be clicked; {x, y, what} or {why}.
    async function locate(target, ms) {
        const end = performance.now() + ms, rests = [0, 20, 100, 100, 500];
        let why = "";
        for (let turn = 0; turn === 0 || performance.now() < end; turn++) {
            await sleep(rests[Math.min(turn, 4)]);
            const el = single(target, false);
            const at = typeof el === "string" ? el : await ready(el, turn);
            if (typeof at !== "string") {
                aim = {el, landed: null};
                return {x: at[0], y: at[1], what: name(el)};
            }
            why = at;
        }
        return {why};
    }

    // From here to disarm, a press that would land elsewhere is swallowed and remembered.
    const kinds = ["pointerdown", "mousedown", "pointerup", "mouseup", "click", "dblclick"];
    function guard(event) {
        if (!aim || !event.isTrusted)
            return;
        const hit = event.composedPath()[0];
        if (aim.landed === null)
            aim.landed = hit instanceof Node && (holds(aim.el, hit) || labels(hit) === aim.el) ? true : hit instanceof Element ? name(hit) : "the page";
        if (aim.landed !== true) {
            event.preventDefault();
            event.stopImmediatePropagation();
        }
    }
    function arm(x, y) {
        if (!aim || !aim.el.isConnected)
            return {why: "the element went away before it was pressed"};
        const over = cover(aim.el, [x, y]);
        if (over)
            return {why: `${name(aim.el)} is covered by ${over}`};
        kinds.forEach(kind => addEventListener(kind, guard, {capture: true}));
        return {};
    }
    function disarm() {
        kinds.forEach(kind => removeEventListener(kind, guard, {capture: true}));
        const landed = aim ? aim.landed : null;
        aim = null;
        return landed === true ? {} : {why: landed ? `the click would have landed on ${landed}` : "the page saw no click"};
    }

    async function press(target, ms) {
        const end = performance.now() + ms;
        let el = single(target, true);
        while (typeof el === "string" && performance.now() < end) {
            await sleep(50);
            el = single(target, true);
        }
        if (typeof el === "string")
            return {why: el};
        if (disabled(el))
            return {why: `${name(el)} is disabled`};
        const what = name(el);
        el.click();
        return {what};
    }

    const held = () => {
        let el = document.activeElement;
        while (el && el.shadowRoot && el.shadowRoot.activeElement)
            el = el.shadowRoot.activeElement;
        return el;
    };
    const content = el => el && el !== document.body ? el.value ?? el.innerText ?? "" : "";
    const more = condition => {
        const before = new Set(condition.than || []);
        return find(condition.more, true).filter(el => !before.has(el.src || el.href || words(el))).length;
    };

    // One condition; [whether it holds, what was found].
    async function judge(condition) {
        if ("all" in condition || "any" in condition) {
            const every = "all" in condition, said = [];
            for (const one of condition.all || condition.any) {
                const [yes, found] = await judge(one);
                said.push(found);
                if (yes !== every)
                    return [yes, found];
            }
            return [every, said.join("; ")];
        }
        if ("not" in condition) {
            const [yes, found] = await judge(condition.not);
            return [!yes, found];
        }
        if ("seen" in condition) {
            const list = find(condition.seen, false);
            return [list.length > 0, list.length ? `${name(list[0])} is there` : `nothing fits ${say(condition.seen)}`];
        }
        if ("gone" in condition) {
            const list = find(condition.gone, false);
            return [list.length === 0, list.length ? `${name(list[0])} is still there` : "it is gone"];
        }
        if ("ready" in condition) {
            const el = single(condition.ready, false);
            const why = typeof el === "string" ? el : await ready(el, 0);
            return [typeof why !== "string", typeof why === "string" ? why : `${name(el)} can be pressed`];
        }
        if ("count" in condition) {
            const n = find(condition.count, false).length;
            return [n >= (condition.least ?? 1) && n <= (condition.most ?? Infinity), `${n} fit ${say(condition.count)}`];
        }
        if ("more" in condition) {
            const n = more(condition);
            return [n >= (condition.least ?? 1), `${n} new of ${say(condition.more)}`];
        }
        if ("address" in condition)
            return [[].concat(condition.address).some(one => location.href.includes(one)), "the page's address is another one"];
        if ("focus_has" in condition) {
            const has = norm(content(held())), start = norm(condition.focus_has).slice(0, 200);
            return [has.includes(start), `the field holds ${has.length} characters of something else`];
        }
        if ("is" in condition)
            return [JSON.stringify(condition.is[0]) === JSON.stringify(condition.is[1]), say(condition.is)];
        throw new Error(`no such condition: ${say(condition)}`);
    }

    async function wait(condition, ms) {
        const end = performance.now() + ms;
        for (;;) {
            const [yes, found] = await judge(condition);
            if (yes)
                return {value: true};
            if (performance.now() >= end)
                return {why: found};
            await sleep(50);
        }
    }

    function list(act) {
        const skip = new Set(act.not_in || []);
        const rows = find(act.of, false).map(el => [el.getBoundingClientRect(), act.attribute ? el[act.attribute] ?? el.getAttribute(act.attribute) : words(el)]);
        if (act.order === "top")
            rows.sort((a, b) => a[0].top - b[0].top || a[0].left - b[0].left);
        return {value: rows.map(row => row[1]).filter(value => typeof value === "string" && value && !skip.has(value))};
    }

    function read(act) {
        const el = find(act.of, false)[0];
        if (!el)
            return {why: `nothing fits ${say(act.of)}`};
        const text = norm(el.value ?? el.innerText);
        if (!act.number)
            return {value: text};
        const digits = text.replace(/[,\s]/g, "").match(/-?\d+(\.\d+)?/);
        return digits ? {value: Number(digits[0])} : {why: `${name(el)} holds no number`};
    }

    const loaded = ms => new Promise(done => {
        if (document.readyState === "complete")
            return done({value: true});
        addEventListener("load", () => done({value: true}));
        setTimeout(() => done(document.readyState === "loading" ? {why: "the page is still loading"} : {value: true}), ms);
    });

    async function bytes(url) {
        const blob = await (await fetch(url)).blob();
        const reader = new FileReader();
        await new Promise((done, fail) => {
            reader.onload = done;
            reader.onerror = () => fail(reader.error);
            reader.readAsDataURL(blob);
        });
        return {media: blob.type, data: reader.result.slice(reader.result.indexOf(",") + 1)};
    }

    // How calm the backdrop of a picture is, and how much its middle stands out: what changes from pixel to pixel inside, over what does at the rim.
    async function calm(base64) {
        const width = 192, height = 108, grey = new Float32Array(width * height);
        const picture = await createImageBitmap(new Blob([Uint8Array.from(atob(base64), c => c.charCodeAt(0))]));
        const canvas = new OffscreenCanvas(width, height).getContext("2d");
        canvas.imageSmoothingQuality = "high";
        canvas.drawImage(picture, 0, 0, width, height);
        const {data} = canvas.getImageData(0, 0, width, height);
        for (let i = 0; i < grey.length; i++)
            grey[i] = 0.299 * data[4 * i] + 0.587 * data[4 * i + 1] + 0.114 * data[4 * i + 2];
        const sums = {rim: 0, inside: 0}, counts = {rim: 0, inside: 0};
        for (let y = 1; y < height; y++)
            for (let x = 1; x < width; x++) {
                const at = y * width + x, change = Math.abs(grey[at] - grey[at - 1]) + Math.abs(grey[at] - grey[at - width]);
                const far = Math.max(Math.abs(x / width - 0.5), Math.abs(y / height - 0.5)); // 0.5 at the edge
                const part = far > 0.36 ? "rim" : far < 0.25 ? "inside" : null;
                if (part) {
                    sums[part] += change;
                    counts[part]++;
                }
            }
        return {value: sums.inside / counts.inside / (sums.rim / counts.rim + 1)};
    }

    return {
        locate, arm, disarm, press, wait, list, read, loaded, bytes, calm,
        look: async condition => ({value: (await judge(condition))[0]}),
        count: act => ({value: find(act.of, false).length}),
        address: () => ({value: location.href}),
        under: (x, y) => ({value: (el => el ? name(el) : "nothing")(deep(x, y))}),
        focused: () => content(held()) !== "" || !!held()?.matches?.("input,textarea,[contenteditable]") || !!held()?.isContentEditable,
        // Without scripts, which carry the page's own secrets, and without what fields hold that are not for everybody's eyes.
        html: () => {
            const copy = document.documentElement.cloneNode(true);
            copy.querySelectorAll("script,noscript").forEach(el => el.remove());
            copy.querySelectorAll("input,meta").forEach(el => {
                const field = el.matches("input") ? "value" : "content";
                const called = `${el.type} ${el.name} ${el.id} ${el.autocomplete} ${el.getAttribute("property")}`;
                if (el.hasAttribute(field) && /pass|hidden|secret|token|csrf|nonce|key|otp|one-time|cc-|auth|session/i.test(called))
                    el.setAttribute(field, "***");
            });
            return {value: copy.outerHTML};
        },
        survey: () => ({value: {width: innerWidth, height: innerHeight, scale: devicePixelRatio, language: navigator.language,
                                visible: document.visibilityState === "visible", zoom: Math.round(outerWidth ? 100 * outerWidth / innerWidth : 100)}}),
    };
})();
