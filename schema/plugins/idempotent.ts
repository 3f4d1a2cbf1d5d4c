import SchemaBuilder, {
	BasePlugin,
	type FieldNullability,
	type InputFieldMap,
	type InputShapeFromFields,
	type MaybePromise,
	type PothosOutputFieldConfig,
	type SchemaTypes,
	type ShapeFromTypeParam,
	type TypeParam,
} from '@pothos/core'
import { type GraphQLFieldResolver, type GraphQLResolveInfo, Kind, print, type SelectionSetNode } from 'graphql'
import { AppError } from '../../src/errors.ts'
import type { KeyedCall } from '../../src/idempotency/idempotency.ts'

type Resolver<Types extends SchemaTypes> = GraphQLFieldResolver<unknown, Types['Context'], object>
type Load = (id: number | string, args: object, context: object) => unknown

/**
 * The Pothos plugin behind `idempotent:`. Of a call with an Idempotency-Key it resolves the field once; the next time it answers with what was made.
 * It must come last of the plugins: limits, rights and rules hold for every repetition.
 */
class IdempotentPlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
	override onOutputFieldConfig(field: PothosOutputFieldConfig<Types>): PothosOutputFieldConfig<Types> {
		const option = optionOf(field)
		if (!option) return field
		return { ...field, extensions: { ...field.extensions, idempotent: option === 'requestId' ? option : 'key' } }
	}

	override wrapResolve(resolve: Resolver<Types>, field: PothosOutputFieldConfig<Types>): Resolver<Types> {
		const option = optionOf(field)
		return option ? repeatable(resolve, option) : resolve
	}
}

const optionOf = ({ pothosOptions }: { pothosOptions: unknown }) => (pothosOptions as { idempotent?: Load | 'requestId' }).idempotent

function repeatable<Types extends SchemaTypes>(resolve: Resolver<Types>, option: Load | 'requestId'): Resolver<Types> {
	return (root, args, context, info) => {
		const { once } = context as { once?: KeyedCall }
		if (!once) return resolve(root, args, context, info)
		if (fieldsIn(info.operation.selectionSet, info) > 1) throw new AppError('keyForOne')
		if (option === 'requestId') return resolve(root, withRequestId(args, once.key), context, info)
		const asked = { operation: info.fieldName, field: String(info.path.key), args, request: requestOf(info) }
		return once.run(
			asked,
			async () => resolve(root, args, context, info),
			async (id) => option(id, args, context as object),
		)
	}
}

/** Without those that the schema has by itself. */
function fieldsIn({ selections }: SelectionSetNode, info: GraphQLResolveInfo): number {
	const counts = selections.map((selection) => {
		if (selection.kind === Kind.FIELD) return selection.name.value.startsWith('__') ? 0 : 1
		const set = selection.kind === Kind.INLINE_FRAGMENT ? selection.selectionSet : info.fragments[selection.name.value]?.selectionSet
		return set ? fieldsIn(set, info) : 0
	})
	return counts.reduce((sum, count) => sum + count, 0)
}

/** All that decides how the answer looks. */
const requestOf = ({ operation, fragments, variableValues }: GraphQLResolveInfo) => ({
	document: [operation, ...Object.values(fragments)].map(print),
	variables: variableValues,
})

/** One that is in the input goes before. */
function withRequestId(args: object, key: string): object {
	const { input } = args as { input?: { requestId?: string | null } }
	return { ...args, input: { ...input, requestId: input?.requestId ?? key } }
}

SchemaBuilder.registerPlugin('idempotent', IdempotentPlugin)

declare global {
	export namespace PothosSchemaTypes {
		interface Plugins<Types extends SchemaTypes> {
			idempotent: IdempotentPlugin<Types>
		}
		interface MutationFieldOptions<
			Types extends SchemaTypes,
			Type extends TypeParam<Types>,
			Nullable extends FieldNullability<Type>,
			Args extends InputFieldMap,
			ResolveReturnShape,
		> {
			/**
			 * Of a call that makes something, which may come again with the same `Idempotency-Key`: how what it made is loaded, where the first answer
			 * cannot be given again. The resolver hands the context's `once` to its service, which records what it makes. Nothing that shows a secret.
			 * `requestId`: the key stands for the input's field of that name, and the service knows what to do.
			 */
			idempotent?: Idempotent<Types, Type, Args> | 'requestId'
		}
		/** A method, so that whoever knows which kind of id it is may say so. */
		type Idempotent<Types extends SchemaTypes, Type extends TypeParam<Types>, Args extends InputFieldMap> = {
			load(
				id: number | string,
				args: InputShapeFromFields<Args>,
				context: Types['Context'],
			): MaybePromise<ShapeFromTypeParam<Types, Type, false>>
		}['load']
	}
}

declare module 'graphql' {
	interface GraphQLFieldExtensions<_TSource, _TContext, _TArgs> {
		/** What an Idempotency-Key is to it: read by the OpenAPI document. */
		idempotent?: 'key' | 'requestId'
	}
}
