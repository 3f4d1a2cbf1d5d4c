import { load } from 'cheerio'
import { describe, expect, it } from 'vitest'
import { compare } from '../../eval/compare.ts'
import { comparisonPage, runPage } from '../../eval/page.ts'
import type { Run } from '../../eval/run.ts'
import { outcome, run } from './runs.ts'

const HOSTILE = `<script>alert(1)</script>"'&<img src=//evil.example/x onerror=alert(1)>`

/** Hostile wherever a text can come from outside. */
function hostile(ranks: number[]): Run {
	const text = { id: HOSTILE, question: HOSTILE, found: HOSTILE }
	const outcomes = [
		outcome({ ...text, language: HOSTILE, ranks }),
		outcome({ id: 'zh', question: '密码几位？', language: 'zh', ranks: [2] }),
		outcome({ id: 'none', isAnswerable: false, ranks: [], relevant: 0, score: 0.1 }),
	]
	const sets = [{ name: HOSTILE, documents: 1, outcomes, removed: [] }]
	return run([], { label: HOSTILE, commit: HOSTILE, configuration: { [HOSTILE]: HOSTILE, [`${HOSTILE}${ranks}`]: 1 }, sets })
}

const pages = {
	'a run': runPage(hostile([])),
	'two runs': comparisonPage(compare(hostile([1]), hostile([]))),
	'an empty run': runPage(run([])),
}

describe.each(Object.entries(pages))('the page of %s', (_name, page) => {
	const $ = load(page)

	it('needs nothing but itself, and may load nothing', () => {
		expect($('script, img, link, iframe, object, embed, base, form, [src], [href], [style]').length).toBe(0)
		expect($('meta[http-equiv="Content-Security-Policy"]').attr('content')).toBe("default-src 'none'; style-src 'unsafe-inline'")
		expect($('style').text()).not.toMatch(/url\(|@import|</)
	})

	it('runs nothing', () => {
		const attributes = $('*')
			.get()
			.flatMap((element) => ('attribs' in element ? Object.keys(element.attribs) : []))
		expect(attributes.filter((name) => name.startsWith('on'))).toEqual([])
	})

	it('says no NaN', () => {
		expect(page).not.toMatch(/NaN|Infinity|undefined/)
	})
})

describe('what pages show', () => {
	it('is what was asked, word for word', () => {
		for (const page of [pages['a run'], pages['two runs']])
			expect(
				load(page)('td')
					.get()
					.map((cell) => load(page)(cell).text()),
			).toContain(HOSTILE)
		expect(load(pages['a run'])('td').text()).toContain('密码几位？')
	})

	it('is plotted: found, ranks, scores and thresholds', () => {
		const titles = load(pages['a run'])('svg')
			.get()
			.map((plot) => plot.attribs['aria-label'] ?? '')
		expect(titles).toEqual([
			expect.stringContaining('Found among'),
			expect.stringContaining('Rank of'),
			expect.stringContaining('Best score'),
			expect.stringContaining('By threshold'),
		])
	})
})
