import SchemaBuilder, {
	BasePlugin,
	type FieldNullability,
	type InputFieldMap,
	type PothosOutputFieldConfig,
	type SchemaTypes,
	type TypeParam,
} from '@pothos/core'
import type { GraphQLFieldResolver } from 'graphql'
import type { LimitClass, Spend } from '../../src/limits/limits.ts'

type Field<Types extends SchemaTypes> = PothosOutputFieldConfig<Types>
type Resolver<Types extends SchemaTypes> = GraphQLFieldResolver<unknown, Types['Context'], object>

/**
 * The Pothos plugin behind `limit:`. Every root field counts when it is resolved, or subscribed to, before anything else is looked at: as often as a
 * request names it, on every surface. It must come first of the plugins.
 */
class LimitsPlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
	/** May be null, or one that is refused would take those beside it along. */
	override onOutputFieldConfig(field: Field<Types>): Field<Types> {
		if (!isCall(field)) return field
		return { ...field, type: { ...field.type, nullable: true }, extensions: { ...field.extensions, limit: limitOf(field) } }
	}

	override wrapResolve(resolve: Resolver<Types>, field: Field<Types>): Resolver<Types> {
		return isCall(field) ? counted(resolve, limitOf(field)) : resolve
	}

	override wrapSubscribe(subscribe: Resolver<Types> | undefined, field: Field<Types>): Resolver<Types> | undefined {
		return field.kind === 'Subscription' && subscribe ? counted(subscribe, limitOf(field)) : subscribe
	}
}

const isCall = ({ kind }: { kind: string }): boolean => kind === 'Query' || kind === 'Mutation'

/** What the field says; a file is an `upload` unless it says otherwise. */
function limitOf(field: { pothosOptions: unknown }): LimitClass {
	const { limit, rest } = field.pothosOptions as { limit?: LimitClass; rest?: { kind?: string } }
	return limit ?? (rest?.kind === 'multipart' ? 'upload' : 'default')
}

function counted<Types extends SchemaTypes>(resolve: Resolver<Types>, limit: LimitClass): Resolver<Types> {
	return (root, args, context, info) => {
		const spending = (context as { spend: Spend }).spend(limit)
		return spending ? spending.then(() => resolve(root, args, context, info)) : resolve(root, args, context, info)
	}
}

SchemaBuilder.registerPlugin('limits', LimitsPlugin)

declare module 'graphql' {
	interface GraphQLFieldExtensions<_TSource, _TContext, _TArgs> {
		/** What calls count as: read by the OpenAPI document. */
		limit?: LimitClass
	}
}

declare global {
	export namespace PothosSchemaTypes {
		interface Plugins<Types extends SchemaTypes> {
			limits: LimitsPlugin<Types>
		}
		interface QueryFieldOptions<
			Types extends SchemaTypes,
			Type extends TypeParam<Types>,
			Nullable extends FieldNullability<Type>,
			Args extends InputFieldMap,
			ResolveReturnShape,
		> {
			/** What calls count as: `upload` for a form with a file, otherwise `default`, unless said. */
			limit?: LimitClass
		}
		interface MutationFieldOptions<
			Types extends SchemaTypes,
			Type extends TypeParam<Types>,
			Nullable extends FieldNullability<Type>,
			Args extends InputFieldMap,
			ResolveReturnShape,
		> {
			limit?: LimitClass
		}
		interface SubscriptionFieldOptions<
			Types extends SchemaTypes,
			Type extends TypeParam<Types>,
			Nullable extends FieldNullability<Type>,
			Args extends InputFieldMap,
			ResolveShape,
			ResolveReturnShape,
		> {
			limit?: LimitClass
		}
	}
}
