import { getNamedType } from 'graphql'
import type { ErrorCode } from '../../../src/errors.ts'
import type { Place } from './places.ts'
import type { World } from './world.ts'

/** `ok`: nothing is wrong with it. */
export type Expected = ErrorCode | 'ok'

/** A value that reads as its type: what is wrong with it, itself (or as JSON text), and the answer. */
type Value = readonly [what: string, value: string | number | { readonly json: string }, expected: Expected]

interface Rule {
	values(world: World, surface: 'GraphQL' | 'REST'): readonly Value[]
	/** The answer to null where the type has it; `ok` unless said. */
	readonly onNull?: Expected
}

const RULED = 'UNPROCESSABLE' satisfies ErrorCode
const json = (text: string) => ({ json: text })
const rule = (values: readonly Value[], onNull?: Expected): Rule => ({ values: () => values, ...(onNull && { onNull }) })

// ---- text

/** No database holds it. */
const UNHOLDABLE: readonly Value[] = [
	['NUL', 'a\u0000b', RULED],
	['NUL alone', '\u0000', RULED],
	['the first half of a pair', 'a\ud83d', RULED],
	['the second half of a pair', '\ude00b', RULED],
	['a pair the wrong way around', '\ude00\ud83d', RULED],
]
/** No name is so. */
const UNNAMEABLE: readonly Value[] = [
	...UNHOLDABLE,
	['nothing', '', RULED],
	['blanks', ' \u3000\u00a0 ', RULED],
	['a bell', 'a\u0007b', RULED],
	['a new line', 'a\nb', RULED],
	['an escape sequence', '\u001b[31mred', RULED],
	['delete', 'a\u007fb', RULED],
	['a control character of Latin-1', 'a\u0085b', RULED],
	['nothing to be seen', '\u200b\u200d\u2060\ufeff', RULED],
]
/** Means something to some language, and nothing to us. */
const HARMLESS: readonly Value[] = [
	['SQL', 'x\'; DROP TABLE "User"; --', 'ok'],
	['a pattern of LIKE', '%_\\%', 'ok'],
	['a query of tsquery', "a & !b | (c <-> 'd:*')", 'ok'],
	['a filter of Milvus', 'workspace_id == 1 or chunk_id in [1] "x"', 'ok'],
	['a regular expression', '(a+)+$', 'ok'],
	['a template', '{{7*7}}#{7}', 'ok'],
	['another direction', 'a\u202egpj.exe', 'ok'],
	['characters without width', 'a\u200bb\u200d', 'ok'],
	['a name of Object', '__proto__', 'ok'],
	['markup', '<script>alert(1)</script>', 'ok'],
	['a combining tower', `a${'\u0301'.repeat(50)}`, 'ok'],
]
const tooLong = (max: number): Value => ['too long', 'x'.repeat(max + 1), RULED]
const longest = (max: number): Value => ['as long as can be', 'x'.repeat(max), 'ok']

/** A name of ours to be: whatever is accepted makes something, so each only once. */
let made = 0
const onceEach = (values: readonly Value[]): readonly Value[] =>
	values.map(([what, value, expected]) => (expected === 'ok' ? [what, `${value} ${++made}`, expected] : [what, value, expected]))
const name = (max: number, onNull?: Expected): Rule => ({
	values: () => [...UNNAMEABLE, tooLong(max), ...onceEach(HARMLESS)],
	...(onNull && { onNull }),
})
/** What nobody would see is no part of a name to sign in with. */
const userName = (onNull?: Expected): Rule => {
	const { values, ...more } = name(64, onNull)
	const isUnseen = (what: string) => what === 'another direction' || what === 'characters without width'
	return {
		values: (...asked) => values(...asked).map(([what, value, expected]) => [what, value, isUnseen(what) ? RULED : expected]),
		...more,
	}
}
const line = (max: number, onNull?: Expected): Rule => rule([...UNNAMEABLE, tooLong(max)], onNull)
const text = (max: number): Rule => rule([...UNHOLDABLE, tooLong(max), longest(max), ...HARMLESS])
const search = rule([...UNHOLDABLE, tooLong(200), longest(200), ...HARMLESS, ['nothing', '', 'ok']])
/** Of a link: none that nobody made. */
const signature = rule([
	...UNHOLDABLE,
	tooLong(100),
	...[...HARMLESS, longest(100), ['nothing', '', 'ok'] as const].map(([what, value]) => [what, value, 'UNAUTHENTICATED'] as const),
])
const message = (max: number, more: readonly Value[] = []): Rule =>
	rule([...UNHOLDABLE, tooLong(max), ['nothing', '', RULED], ['blanks', ' \n\t ', RULED], ...more])
/** What somebody is looked up by. */
const reference = (max: number, otherwise: ErrorCode, isEmptyRefused: boolean): Rule =>
	rule([
		...UNHOLDABLE,
		tooLong(max),
		...(isEmptyRefused ? [['nothing', '', RULED] as const] : []),
		...HARMLESS.map(([what, value]) => [what, value, otherwise] as const),
		['somebody in capitals', 'ADMIN', otherwise],
	])

const password = (onNull?: Expected) =>
	rule(
		[
			['nothing', '', RULED],
			['too short', 'x'.repeat(7), RULED],
			['too long', 'x'.repeat(257), RULED],
		],
		onNull,
	)

/** Of a workspace that is there, or not. */
const workspaceSlug: Rule = {
	values: (world) => [
		...UNHOLDABLE,
		...HARMLESS.map(([what, value]) => [what, value, 'NOT_FOUND'] as const),
		['nothing', '', 'NOT_FOUND'],
		['unknown', 'never-was', 'NOT_FOUND'],
		['deleted', world.deleted.slug, 'NOT_FOUND'],
		['one’s own in capitals', world.slug.toUpperCase(), 'NOT_FOUND'],
		['one’s own and a blank', `${world.slug} `, 'NOT_FOUND'],
		['a path', `../${world.slug}`, 'NOT_FOUND'],
		['endless', 'a'.repeat(5_000), 'NOT_FOUND'],
	],
}
const othersSlug: Rule = {
	values: (world, surface) => [...workspaceSlug.values(world, surface), ['somebody else’s', world.others.slug, 'NOT_FOUND']],
}
const newSlug = rule([
	...UNNAMEABLE,
	tooLong(64),
	...['Capitals', 'two words', 'a--b', '-a', 'a-', 'a_b', 'ü', '.', '..', 'a/b', '%2e', '__proto__'].map(
		(slug) => [`like ${slug}`, slug, RULED] as const,
	),
])

// ---- numbers

const range = (min: number, max: number): Rule =>
	rule([
		['too small', min - 1, RULED],
		['negative', -1, min > -1 ? RULED : 'ok'],
		['the least number', -2_147_483_648, RULED],
		['too large', max + 1, RULED],
		['the greatest number', 2_147_483_647, RULED],
		['as large as can be', max, 'ok'],
	])

/** Of chunks of 400 tokens, the half of which is too much. */
const OVERLAP: readonly Value[] = [
	['negative', -1, RULED],
	['the greatest number', 2_147_483_647, RULED],
	['as large as can be', 199, 'ok'],
	['none', 0, 'ok'],
]

const SHARE: Rule = rule([
	['negative', json('-0.01'), RULED],
	['more than all', json('1.01'), RULED],
	['nothing', 0, 'ok'],
	['all', 1, 'ok'],
])

// ---- what is referred to

const NOBODYS: readonly Value[] = [
	['unknown', 999_999, 'NOT_FOUND'],
	['the greatest number', 2_147_483_647, 'NOT_FOUND'],
	['beyond what a row can have', 2_147_483_648, 'NOT_FOUND'],
	['beyond all rows', 9_007_199_254_740_991, 'NOT_FOUND'],
]
/** One of the slug’s workspace. */
const documentOf: Rule = {
	values: (world) => [
		...NOBODYS,
		['deleted', world.deleted.documentId, 'NOT_FOUND'],
		['somebody else’s', world.others.documentId, 'NOT_FOUND'],
		['one’s own of another workspace', world.elsewhere.documentId, 'NOT_FOUND'],
	],
}
const document: Rule = {
	values: (world) => [
		...NOBODYS,
		['deleted', world.deleted.documentId, 'NOT_FOUND'],
		['somebody else’s', world.others.documentId, 'NOT_FOUND'],
	],
}
const user: Rule = { values: (world) => [...NOBODYS, ['deleted', world.deleted.userId, 'NOT_FOUND']] }
const account: Rule = {
	values: (world) => [
		...NOBODYS.map(([what, value]) => [what, value, 'FORBIDDEN'] as const),
		['deleted', world.deleted.userId, 'FORBIDDEN'],
		['somebody else’s', world.others.userId, 'FORBIDDEN'],
	],
}
const member: Rule = {
	values: (world) => [
		...NOBODYS,
		['deleted', world.deleted.userId, 'NOT_FOUND'],
		['of another workspace', world.others.userId, 'NOT_FOUND'],
	],
}
const thread: Rule = {
	values: (world) => [
		['unknown', 'thread-never', 'NOT_FOUND'],
		['somebody else’s', world.others.threadId, 'NOT_FOUND'],
		['deleted', world.deleted.threadId, 'NOT_FOUND'],
	],
}
/** One of the slug’s workspace. */
const threadOf: Rule = {
	values: (world, surface) => [...thread.values(world, surface), ['one’s own of another workspace', world.elsewhere.threadId, 'NOT_FOUND']],
}

const runOf = (threadId: string): string => threadId.replace('thread', 'run')
const run: Rule = {
	values: (world) => [
		['unknown', 'run-never', 'NOT_FOUND'],
		['somebody else’s', runOf(world.others.threadId), 'NOT_FOUND'],
		['deleted', runOf(world.deleted.threadId), 'NOT_FOUND'],
	],
}
/** One of the slug’s workspace. */
const runIn: Rule = {
	values: (world, surface) => [
		...run.values(world, surface),
		['one’s own of another workspace', runOf(world.elsewhere.threadId), 'NOT_FOUND'],
	],
}

const cursorOf = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
/** Forged, cut off, or of another list. */
const cursor: Rule = {
	values: () =>
		[
			'',
			'x',
			'!',
			'null',
			'0',
			cursorOf(null),
			cursorOf([]),
			cursorOf({}),
			cursorOf(['User.createdAt']),
			cursorOf(['User.id', 1]),
			cursorOf(['__proto__', 1, 1]),
			cursorOf(['Workspace.createdAt', { gt: 0 }, 1]),
			cursorOf(['Workspace.createdAt', 'x', 'y']),
			cursorOf(['Workspace.createdAt', 1e300, 1]),
			cursorOf(['Nothing.createdAt', 0, 1]),
			`${cursorOf(['Workspace.createdAt', 0, 1])}x`.slice(0, 9),
			'x'.repeat(10_000),
			'a\u0000',
			'\ud800',
			"' OR true --",
		].map((value) => [`the cursor ${JSON.stringify(value.slice(0, 20))}`, value, 'BAD_REQUEST'] as const),
}

// ---- the rest

const key = (max: number) =>
	rule([
		['nothing', '', RULED],
		['blanks', '  ', RULED],
		['two words', 'a b', RULED],
		['a header more', 'a\r\nX-Evil: 1', RULED],
		['no ASCII', 'ключ', RULED],
		...UNHOLDABLE,
		tooLong(max),
	])
const provider = rule([
	...UNNAMEABLE,
	tooLong(200),
	['unknown', 'nobody', RULED],
	['a name of Object', '__proto__', RULED],
	['another', 'constructor', RULED],
])
const url = rule([
	...UNNAMEABLE,
	tooLong(2_000),
	...[
		'x',
		'ftp://a/b',
		'file:///etc/passwd',
		'javascript:alert(1)',
		'http://',
		'http://u:p@host/',
		'http://host/?q=1',
		'http://host/#f',
		'http://[::1',
		'//host/v1',
	].map((value) => [`the URL ${value}`, value, RULED] as const),
])
const metadata: Rule = rule([
	['a list', json('[]'), RULED],
	['text', 'x', RULED],
	['a number', 7, RULED],
	['a boolean', json('true'), RULED],
	['NUL in a value', json('{"a":"\\u0000"}'), RULED],
	['NUL in a name', json('{"\\u0000":1}'), RULED],
	['half of a pair in a value', json('{"a":{"b":["\\ud800"]}}'), RULED],
	['half of a pair in a name', json('{"\\udc00":1}'), RULED],
	['a number that no database holds', json('{"a":1e400}'), RULED],
	['too much', json(`{"a":"${'x'.repeat(20_000)}"}`), RULED],
])
/** What is not there, or nobody of the caller's, has nothing. */
const documentsSearched: Rule = {
	values: (world) => [
		...[999_999, 2_147_483_647, 2_147_483_648, world.deleted.documentId, world.others.documentId, world.elsewhere.documentId].map(
			(id) => [`the document ${id}`, json(`[${id}]`), 'ok'] as const,
		),
		['none', json('[]'), 'ok'],
		['too many', json(`[${Array.from({ length: 1_001 }, (_, at) => at + 1)}]`), RULED],
	],
}
const slugsSearched: Rule = {
	values: (world) => [
		...['never-was', world.deleted.slug, world.others.slug, '', 'x\'; DROP TABLE "User"; --'].map(
			(slug) => [`the workspace ${slug}`, json(JSON.stringify([slug])), 'NOT_FOUND'] as const,
		),
		['NUL', json('["a\\u0000"]'), RULED],
		['half of a pair', json('["a\\ud83d"]'), RULED],
		['none', json('[]'), 'ok'],
		['too many', json(JSON.stringify(Array.from({ length: 101 }, () => world.slug))), RULED],
	],
}
/** Its type says it all. */
const none = rule([])

/** By type and field of an input, or by field and argument; a star stands for any field. */
const RULES: Readonly<Record<string, Rule>> = {
	'*.slug': othersSlug,
	'*.page': range(1, 1_000_000),
	'*.search': search,
	'*.first': range(0, 1_000),
	'*.last': range(0, 1_000),
	'*.after': cursor,
	'*.before': cursor,
	'Query.userPage.limit': range(1, 1_000),
	'Query.workspacePage.limit': range(1, 1_000),
	'Query.memberPage.limit': range(1, 1_000),
	'Query.documentPage.limit': range(1, 100),
	'Query.chatHistory.limit': range(1, 1_000),
	'*.query': message(2_000, HARMLESS),
	'Query.search.limit': range(1, 50),
	'Query.searchAll.limit': range(1, 50),
	'*.perDocument': range(1, 50),
	'*.documentIds': documentsSearched,
	'*.metadata': metadata,
	'Query.searchAll.workspaces': slugsSearched,
	'Query.user.userId': user,
	'Query.workspaceMember.userId': member,
	'Query.document.id': document,
	'Query.documentFile.signature': signature,
	'Query.documentChunkPage.limit': range(1, 1_000),
	'*.documentId': documentOf,
	'*.threadId': threadOf,
	'Query.thread.id': thread,
	'Query.threadPage.limit': range(1, 1_000),
	'*.runId': runIn,
	'Query.run.runId': run,
	'Subscription.chatEvents.runId': run,
	'Subscription.chatEvents.after': range(0, 2_000_000_000),
	'Workspace.chats.threadId': none,
	'Mutation.updateUser.userId': account,
	'Mutation.deleteUser.userId': user,
	'Mutation.updateMember.userId': member,
	'Mutation.removeMember.userId': member,
	'AddMemberInput.userId': { ...user, onNull: RULED },
	'AddMemberInput.username': { ...reference(256, 'NOT_FOUND', false), onNull: RULED },
	'CreateUserInput.username': userName(),
	'CreateUserInput.password': password(),
	'UpdateUserInput.username': userName(RULED),
	'UpdateUserInput.password': password(RULED),
	'UpdateUserInput.role': rule([], RULED),
	'LoginInput.username': reference(256, 'UNAUTHENTICATED', true),
	'LoginInput.password': reference(1_024, 'UNAUTHENTICATED', true),
	'CreateWorkspaceInput.name': name(100),
	'CreateWorkspaceInput.description': text(2_000),
	'CreateWorkspaceInput.slug': newSlug,
	'UpdateWorkspaceInput.name': name(100, RULED),
	'UpdateWorkspaceInput.description': text(2_000),
	'UpdateWorkspaceInput.mode': rule([], RULED),
	'CreateWorkspaceInput.chunkTokens': range(100, 2_000),
	'CreateWorkspaceInput.chunkOverlap': rule([...OVERLAP, ['half', 200, RULED]]),
	'UpdateWorkspaceInput.rerank': rule([], RULED),
	'UpdateWorkspaceInput.chunkTokens': { ...range(100, 2_000), onNull: RULED },
	'UpdateWorkspaceInput.chunkOverlap': rule(OVERLAP, RULED),
	'*.threshold': SHARE,
	'*.denseWeight': SHARE,
	'*.topN': range(1, 50),
	'CreateThreadInput.title': { ...line(200), onNull: 'ok' },
	'UpdateThreadInput.title': line(200, RULED),
	'ChatInput.message': message(50_000, [['another direction', 'a\u202eb', 'ok']]),
	'ChatInput.requestId': line(128),
	'UploadDocumentInput.metadata': metadata,
	'UploadDocumentsInput.metadata': metadata,
	'ReplaceDocumentInput.metadata': metadata,
	'AddTextInput.title': line(250),
	'AddTextInput.text': message(1_000_000),
	'AddTextInput.metadata': metadata,
	'*SettingsInput.llmProvider': provider,
	'*SettingsInput.llmModel': line(200),
	'*SettingsInput.llmApiKey': key(4_096),
	'*SettingsInput.llmBaseUrl': url,
	'*SettingsInput.embeddingProvider': provider,
	'*SettingsInput.embeddingModel': line(200),
	'*SettingsInput.embeddingApiKey': key(4_096),
	'*SettingsInput.embeddingBaseUrl': url,
	'*SettingsInput.rerankingProvider': provider,
	'*SettingsInput.rerankingModel': line(200),
	'*SettingsInput.rerankingApiKey': key(4_096),
	'*SettingsInput.rerankingBaseUrl': url,
}

/** Of these the type says it all, whoever uses them. */
const PLAIN = new Set(['DateTime', 'Boolean', 'File'])

/** @returns undefined where nobody has said what values are like. */
export function ruleOf({ key, type }: Place): Rule | undefined {
	const own = RULES[key] ?? RULES[key.replace(/^.*\./, '*.')] ?? RULES[key.replace(/^.*(?=SettingsInput\.)/, '*')]
	const named = getNamedType(type)
	return own ?? (PLAIN.has(named.name) || 'getValues' in named || 'getFields' in named ? none : undefined)
}
