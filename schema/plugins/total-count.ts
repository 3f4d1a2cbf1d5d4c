import SchemaBuilder, { BasePlugin, type PothosOutputFieldConfig, type SchemaTypes } from '@pothos/core'

/** A Pothos plugin: the words for the counts that the Prisma plugin adds to its connections, which it leaves without any. */
class TotalCountPlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
	override onOutputFieldConfig(field: PothosOutputFieldConfig<Types>): PothosOutputFieldConfig<Types> {
		return field.name === 'totalCount' ? { ...field, description: 'How many there are on all pages.' } : field
	}
}

SchemaBuilder.registerPlugin('totalCount', TotalCountPlugin)

declare global {
	export namespace PothosSchemaTypes {
		interface Plugins<Types extends SchemaTypes> {
			totalCount: TotalCountPlugin<Types>
		}
	}
}
