import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ErrorCode } from '../../../src/errors.ts'
import { STATUS } from '../../../src/server/rest/status.ts'
import { bootApp, type TestApp } from '../../support/app.ts'
import { ended } from '../../support/documents.ts'
import { recordingLog } from '../../support/log.ts'
import { type Answer, askGraphQL, askRest } from './ask.ts'
import { CALLS } from './calls.ts'
import { ASKED, type Asked, type Place, placesOf } from './places.ts'
import { ruleOf } from './rules.ts'
import { type Hostile, jsonFor, textsFor } from './values.ts'
import { fingerprintOf, type World, worldIn } from './world.ts'

const { log, lines } = recordingLog()

let app: TestApp
let world: World & { renew(): Promise<void> }
let fingerprint: () => Promise<string>
beforeAll(async () => {
	app = await bootApp({ log })
	world = await worldIn(app)()
	fingerprint = fingerprintOf(app)
})
afterAll(() => app.end())

const surfaces = [
	{ name: 'GraphQL', ask: askGraphQL, hostilesFor: (place: Place) => jsonFor(place, 'GraphQL', world) },
	{ name: 'REST', ask: askRest, hostilesFor: restHostiles },
] as const
type Surface = (typeof surfaces)[number]

function restHostiles(place: Place): Hostile[] {
	const [name = ''] = place.path
	if (place.path.length === 1 && name === 'input') return bodiesFor(place)
	if (name === 'input') return jsonFor(place, 'REST', world)
	return textsFor(place, place.asked.route?.parameters.includes(name) === true, world)
}

/** A body is an object, or there is none where nothing is required. */
const bodiesFor = (place: Place): Hostile[] =>
	jsonFor(place, 'REST', world)
		.filter(({ what }) => what !== 'nothing')
		.map((hostile) => ({ ...hostile, expected: 'BAD_REQUEST' }))

/** What REST can say: not the input of a form as a whole, nor the cursors of a list. */
const isSaid = ({ name }: Surface, { asked: { route }, path }: Place): boolean =>
	name === 'GraphQL' ||
	(route?.args.some((arg) => arg.name === path[0]) === true && !(route.kind === 'multipart' && path.length === 1 && path[0] === 'input'))

/** What they take in is processed when they have answered. */
const PROCESSED = new Set(
	['uploadDocument', 'uploadDocuments', 'addText', 'replaceDocument', 'reprocessDocument'].map((name) => `Mutation.${name}`),
)
/** A file is processed in the background, and what is followed may go on without an end: there only what is refused is sent. */
const isQuiet = ({ operation, name }: Asked): boolean => operation !== 'subscription' && !PROCESSED.has(name)

const INNARDS = /node_modules|\.ts:\d|\n\s+at |[Pp]risma|[Pp]othos|invocation|violates|syntax error at|\bundefined\b|\[object Object\]/

const headersOf = ({ name }: Asked, language: string) => {
	const { as } = CALLS[name] ?? { as: 'anyone' }
	return { 'accept-language': language, ...(as !== 'anyone' && { authorization: `Bearer ${world.tokens[as]}` }) }
}

/** What is wrong with an answer, in words. */
function* problemsOf(answer: Answer, { expected, text }: Hostile, { path }: Place, { name }: Surface, language: 'zh' | 'en') {
	const { code = 'ok', error, status } = answer
	if (code !== expected) yield `${code}, not ${expected}: ${error}`
	if (!answer.isEnvelope) yield `no envelope: ${answer.text}`
	if (INNARDS.test((error ?? '').replace(text, ''))) yield `innards: ${error}`
	if (code === 'ok') return
	if (name === 'REST' && status !== STATUS[code as ErrorCode]) yield `status ${status} of ${code}`
	if (name === 'REST' && /\p{Script=Han}/u.test(error ?? '') !== (language === 'zh')) yield `not ${language}: ${error}`
	const argument = path.at(-1) ?? ''
	const isWhole = name === 'REST' && path.length === 1 && argument === 'input'
	const isNamed = isWhole || error?.includes(argument) || /^(路径|The path)/.test(error ?? '')
	if ((code === 'BAD_REQUEST' || code === 'UNPROCESSABLE') && !isNamed) yield `does not name ${argument}: ${error}`
}

let calls = 0
/** One call, in the one language or the other. @returns what is wrong with its answer. */
async function attack(surface: Surface, place: Place, hostile: Hostile): Promise<string[]> {
	const { asked } = place
	const language = calls++ % 2 === 0 ? 'zh' : 'en'
	const args = CALLS[asked.name]?.args(world, place.path.join('.')) ?? {}
	const answer = await surface.ask(app, asked, args, { place, hostile }, headersOf(asked, language))
	return [...problemsOf(answer, hostile, place, surface, language)].map((problem) => `${hostile.what}: ${problem}`)
}

function partition<Item>(items: readonly Item[], belongs: (item: Item) => boolean): [Item[], Item[]] {
	return [items.filter(belongs), items.filter((item) => !belongs(item))]
}

describe('the table', () => {
	it.each(ASKED.map(({ name }) => name))('has a good call of %s', (name) => {
		expect(CALLS).toHaveProperty([name])
	})

	it('knows the rule of every argument', () => {
		expect(
			ASKED.flatMap(placesOf)
				.filter((place) => !ruleOf(place))
				.map(({ key }) => key),
		).toEqual([])
	})

	it('has no call of what is not there', () => {
		expect(Object.keys(CALLS).filter((name) => !ASKED.some((asked) => asked.name === name))).toEqual([])
	})
})

describe.each(surfaces)('over $name', (surface) => {
	const places = ASKED.flatMap(placesOf).filter((place) => isSaid(surface, place))

	it.each(places.map((place) => ({ at: `${place.asked.name}(${place.path.join('.')})`, place })))(
		'$at is answered as documented, and nothing else happens',
		async ({ place }) => {
			const { asked } = place
			const problems: string[] = []
			const logged = lines.length
			const [refused = [], harmless = []] = partition(surface.hostilesFor(place), ({ expected }) => expected !== 'ok')
			const before = await fingerprint()
			for (const hostile of refused) problems.push(...(await attack(surface, place, hostile)))
			const after = await fingerprint()
			if (after !== before)
				problems.push(
					`changed the database: ${after
						.split('\n')
						.filter((table) => !before.includes(table))
						.join()}`,
				)
			for (const hostile of isQuiet(asked) ? harmless : []) problems.push(...(await attack(surface, place, hostile)))
			for (const line of lines.slice(logged)) if (Number(line['level']) >= 50) problems.push(`logged: ${JSON.stringify(line)}`)
			expect(problems).toEqual([])
		},
	)

	it.each(ASKED.filter(({ route }) => surface.name === 'GraphQL' || route).filter(({ name }) => name !== 'Mutation.logout'))(
		'the good call of $name is good',
		async (asked) => {
			await world.renew()
			const args = CALLS[asked.name]?.args(world, undefined) ?? {}
			const { code, error } = await surface.ask(app, asked, args, undefined, headersOf(asked, 'zh'))
			expect([code, error]).toEqual([undefined, null])
			const unended = await app.prisma.document.findMany({ where: { status: { notIn: ['processed', 'failed'] } } })
			await Promise.all(unended.map(({ id, replacesId }) => ended(app, world.slug, replacesId ?? id)))
		},
	)
})
