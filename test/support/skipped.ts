import type { Reporter, TestCase, TestModule, TestSuite, Vitest } from 'vitest/node'

/** Names what was skipped, the outermost suite of it, after the summary: a test whose service is missing never passes in silence. */
export default class SkippedReporter implements Reporter {
	#isNarrowed = false

	onInit(vitest: Vitest): void {
		this.#isNarrowed = vitest.config.testNamePattern !== undefined // then it skips whatever was not asked for
	}

	onTestRunEnd(modules: readonly TestModule[]): void {
		if (this.#isNarrowed) return
		const lines = modules.flatMap((module) => skippedIn(module).map((name) => `skipped: ${place(module)}${name}`))
		if (lines.length > 0) console.log(`${lines.sort().join('\n')}\n`)
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

function place({ project, relativeModuleId }: TestModule): string {
	return `${project.name ? `|${project.name}| ` : ''}${relativeModuleId}`
}
