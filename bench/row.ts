/** One line of the table. */
export interface Row {
	what: string
	value: number
	unit: string
	/** As a comparison: `<= 15`. */
	target?: string
}
