import type { Reporter, TestCase, TestModule, TestSuite, Vitest } from 'vitest/node'

/**
 * Names after the summary what did not simply pass. What was skipped, the outermost suite of it: a test whose service is missing never
 * passes in silence. And what passed only when it was tried again: somebody has to look at it.
 */
export default class OutcomesReporter implements Reporter {
	#isNarrowed = false

	onInit(vitest: Vitest): void {
		this.#isNarrowed = vitest.config.testNamePattern !== undefined // then it skips whatever was not asked for
	}

	onTestRunEnd(modules: readonly TestModule[]): void {
		const skipped = this.#isNarrowed ? [] : modules.flatMap((module) => skippedIn(module).map((name) => `skipped: ${place(module)}${name}`))
		const flaky = modules.flatMap((module) =>
			[...module.children.allTests()]
				.filter(isFlaky)
				.map((test) => `passed only when tried again: ${place(module)} > ${test.fullName}: ${whyOf(test)}`),
		)
		const lines = [...skipped.sort(), ...flaky.sort()]
		if (lines.length > 0) console.log(`${lines.join('\n')}\n`)
	}
}

function skippedIn(parent: TestModule | TestSuite): string[] {
	return parent.children.array().flatMap((child) => {
		if (child.type === 'test') return isSkipped(child) ? [` > ${child.fullName}`] : []
		const tests = [...child.children.allTests()]
		const isWhole = tests.length > 0 && tests.every(isSkipped)
		return isWhole ? [` > ${child.fullName} (${tests.length} ${tests.length === 1 ? 'test' : 'tests'})`] : skippedIn(child)
	})
}

function isSkipped(test: TestCase): boolean {
	return test.result().state === 'skipped'
}

function isFlaky(test: TestCase): boolean {
	return test.diagnostic()?.flaky === true
}

/** What its first try failed of. */
function whyOf(test: TestCase): string {
	const [error] = test.result().errors ?? []
	return error?.stacks?.[0] ? `${error.message} (line ${error.stacks[0].line})` : (error?.message ?? 'no error')
}

function place({ project, relativeModuleId }: TestModule): string {
	return `${project.name ? `|${project.name}| ` : ''}${relativeModuleId}`
}
