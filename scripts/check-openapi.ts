/** Lints schema/openapi.json, as scripts/openapi-rules.ts says: fails for whatever is found, and for an exception that nothing needs. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { createConfig, lintFromString } from '@redocly/openapi-core'
import spectralCore, { type RulesetDefinition } from '@stoplight/spectral-core'
import owasp from '@stoplight/spectral-owasp-ruleset'
import spectralRulesets from '@stoplight/spectral-rulesets'
import { exceptions, redocly } from './openapi-rules.ts'

interface Problem {
	rule: string
	/** A JSON pointer without the slash that begins it. */
	at: string
	message: string
}

const file = path.resolve(import.meta.dirname, '../schema/openapi.json')
const text = readFileSync(file, 'utf8')
const document = JSON.parse(text) as Record<string, unknown>
const problems = distinct([...(await askSpectral()), ...(await askRedocly())].map((problem) => ({ ...problem, at: placeOf(problem.at) })))
const needed = new Set(problems.map((problem) => exceptionOf(problem)))
const wrong = problems.filter((problem) => !exceptionOf(problem))
const idle = exceptions.filter((exception) => !needed.has(exception))

for (const { rule, at, message } of wrong) console.error(`${rule}: ${at}: ${message}`)
for (const { rules, at } of idle) console.error(`nothing needs the exception from ${rules.join(', ')} at ${at}: remove it`)
if (wrong.length + idle.length > 0) process.exitCode = 1
else console.log(`${problems.length} findings, all of them excepted`)

function exceptionOf({ rule, at }: Problem) {
	return exceptions.find((exception) => exception.rules.includes(rule) && exception.at.test(at))
}

async function askSpectral(): Promise<Problem[]> {
	const spectral = new spectralCore.Spectral()
	// the packages' types disagree about each other, and about ES modules
	const rulesets = [spectralRulesets.oas, owasp].map((ruleset) => [ruleset as unknown as RulesetDefinition, 'recommended'] as const)
	spectral.setRuleset({ extends: rulesets as unknown as [RulesetDefinition, 'recommended'][] })
	const found = await spectral.run(document)
	return found.map(({ code, path, message }) => ({ rule: String(code), at: path.map((part) => escaped(String(part))).join('/'), message }))
}

async function askRedocly(): Promise<Problem[]> {
	const found = await lintFromString({ source: text, absoluteRef: file, config: await createConfig(redocly) })
	return found.map(({ ruleId, location: [location], message }) => ({
		rule: ruleId,
		at: (location?.pointer ?? '').replace(/^#?\//, ''),
		message,
	}))
}

function escaped(part: string): string {
	return part.replaceAll('~', '~0').replaceAll('/', '~1')
}

/** Where something is written that is found where it is referred to. */
function placeOf(at: string): string {
	let place: string[] = []
	let value: unknown = document
	for (const part of at.split('/')) {
		const { $ref } = (value ?? {}) as { $ref?: string }
		if ($ref) {
			place = $ref.split('/').slice(1)
			value = place.reduce(inner, document as unknown)
		}
		place.push(part)
		value = inner(value, part)
	}
	return place.join('/')
}

function inner(value: unknown, part: string): unknown {
	return (value as Record<string, unknown> | undefined)?.[part.replaceAll('~1', '/').replaceAll('~0', '~')]
}

function distinct(found: readonly Problem[]): Problem[] {
	return [...new Map(found.map((problem) => [`${problem.rule} ${problem.at}`, problem])).values()]
}
