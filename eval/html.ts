/** Markup that may go into a page as it is. */
export class Markup {
	readonly text: string

	constructor(text: string) {
		this.text = text
	}
}

type Part = Markup | string | number | null | readonly Part[]

/** Markup of a template: whatever is put into it is escaped, unless it is markup itself. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
	return new Markup(strings.map((text, at) => (at === 0 ? '' : rendered(parts[at - 1] ?? null)) + text).join(''))
}

function rendered(part: Part): string {
	if (part === null) return ''
	if (part instanceof Markup) return part.text
	return typeof part === 'object' ? part.map(rendered).join('') : escaped(String(part))
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

const escaped = (text: string): string => text.toWellFormed().replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '')

const STYLE = new Markup(`
:root { color-scheme: light dark; --one: #2f6db5; --two: #d9822b; --good: #2e8540; --bad: #c0392b; --line: #8884 }
body { font: 15px/1.5 system-ui, "PingFang SC", "Noto Sans CJK SC", "Microsoft YaHei", sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem }
table { border-collapse: collapse; margin: .5rem 0 1rem }
th, td { border-bottom: 1px solid var(--line); padding: .2rem .6rem; text-align: left; vertical-align: top; overflow-wrap: anywhere }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
svg { max-width: 100%; height: auto; margin: .5rem 1rem .5rem 0 }
svg text { fill: currentColor; font: 12px system-ui, sans-serif }
.one { fill: var(--one) } .two { fill: var(--two) } .three { fill: var(--good) } .half { opacity: .6 }
.line-one { stroke: var(--one) } .line-two { stroke: var(--two) } .line-one, .line-two { fill: none; stroke-width: 2 }
.axis { stroke: var(--line) } .mark { stroke: currentColor; stroke-dasharray: 4 3 }
.good { color: var(--good) } .bad { color: var(--bad) }
details > summary { cursor: pointer }
`)

/** A page that needs nothing but itself, and may load nothing. */
export const pageOf = (title: string, body: Markup): string =>
	html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${title}</h1>
${body}
</body>
</html>
`.text
