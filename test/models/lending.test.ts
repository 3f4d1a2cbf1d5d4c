import { expect, it } from 'vitest'
import { createModels } from '../../src/models/lending.ts'
import type { ChatModel } from '../../src/models/model.ts'

interface Config {
	name: string
}

function lending() {
	const stopped: string[] = []
	const made: string[] = []
	let config: Config = { name: 'first' }
	const models = createModels<Config>({
		config: async () => config,
		async make({ name }): Promise<ChatModel> {
			made.push(name)
			if (name === 'broken') throw new Error('no such model')
			return {
				provider: 'of the test',
				model: name,
				async *stream() {},
				async stop() {
					stopped.push(name)
				},
			}
		},
		report: (error) => expect.unreachable(String(error)),
	})
	const set = (name: string) => {
		config = { name }
	}
	return { models, made, stopped, set }
}

it('makes a model once, and lends it until another is set', async () => {
	const { models, made, set } = lending()
	const loans = await Promise.all([models.lend(), models.lend()])
	expect(loans.map(({ model }) => model.model)).toEqual(['first', 'first'])
	expect(made).toEqual(['first'])
	set('second')
	expect((await models.lend()).model.model).toBe('second')
	expect(made).toEqual(['first', 'second'])
})

it('stops a replaced model when its last run has ended, not before', async () => {
	const { models, stopped, set } = lending()
	const [one, two] = [await models.lend(), await models.lend()]
	set('second')
	const three = await models.lend()
	one.release()
	one.release()
	await Promise.resolve()
	expect(stopped).toEqual([])
	two.release()
	await expect.poll(() => stopped).toEqual(['first'])
	three.release()
	await models.stop()
	expect(stopped).toEqual(['first', 'second'])
})

it('stops a replaced model that nobody uses at once', async () => {
	const { models, stopped, set } = lending()
	;(await models.lend()).release()
	set('second')
	await models.lend()
	await expect.poll(() => stopped).toEqual(['first'])
})

it('goes on after a model that could not be made', async () => {
	const { models, set } = lending()
	set('broken')
	await expect(models.lend()).rejects.toThrow('no such model')
	await expect(models.lend()).rejects.toThrow('no such model')
	set('second')
	expect((await models.lend()).model.model).toBe('second')
	await models.stop()
})
