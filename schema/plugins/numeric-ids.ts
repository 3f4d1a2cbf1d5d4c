import SchemaBuilder, {
	BasePlugin,
	createInputValueMapper,
	type InputTypeFieldsMapping,
	mapInputFields,
	type PothosOutputFieldConfig,
	resolveInputTypeConfig,
	type SchemaTypes,
} from '@pothos/core'
import { AppError } from '../../src/errors.ts'

/**
 * A Pothos plugin: every `ID` argument, at any depth, reaches its resolver as the number that it is in the database. (Pothos ignores a
 * redefined `ID` scalar without a word, so the scalar itself cannot do it.) An id that is text, as a thread's, has a scalar of its own.
 */
class NumericIdsPlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
	readonly #known = new Map<string, InputTypeFieldsMapping<Types, true>>()

	override onOutputFieldConfig(field: PothosOutputFieldConfig<Types>): PothosOutputFieldConfig<Types> {
		const isId = ({ type }: (typeof field.args)[string]) => resolveInputTypeConfig(type, this.buildCache).name === 'ID'
		const ids = mapInputFields<Types, true>(field.args, this.buildCache, (arg) => (isId(arg) ? true : null), this.#known)
		if (!ids) return field
		const mapArguments = createInputValueMapper(ids, (value, { config }) => numericId(value, config.name))
		return { ...field, argMappers: [...field.argMappers, (args) => mapArguments(args)] }
	}
}

/** The largest that a row's number can be. */
export const MAX_ID = 2 ** 31 - 1

/** A number past {@link MAX_ID} is taken for that one: it names nothing either. @throws AppError BAD_REQUEST when the text is no number. */
function numericId(value: unknown, at: string): number {
	const id = /^[1-9]\d*$/.test(String(value)) ? Number(value) : Number.NaN
	if (!Number.isSafeInteger(id)) throw new AppError('badValue', { at, expected: 'an id' })
	return Math.min(id, MAX_ID)
}

// vitest loads this file once a project, and Pothos once in all
SchemaBuilder.allowPluginReRegistration = true
SchemaBuilder.registerPlugin('numericIds', NumericIdsPlugin)

declare global {
	export namespace PothosSchemaTypes {
		interface Plugins<Types extends SchemaTypes> {
			numericIds: NumericIdsPlugin<Types>
		}
	}
}
