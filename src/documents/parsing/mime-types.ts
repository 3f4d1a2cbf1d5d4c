/** Of the formats that are told by their bytes. */
export const MIME_TYPES = {
	pdf: 'application/pdf',
	rtf: 'application/rtf',
	docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
	pptx: 'application/vnd.openxmlformats-officedocument.presentationml.presentation',
	xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
	doc: 'application/msword',
	xls: 'application/vnd.ms-excel',
	msg: 'application/vnd.ms-outlook',
	odt: 'application/vnd.oasis.opendocument.text',
	ods: 'application/vnd.oasis.opendocument.spreadsheet',
	odp: 'application/vnd.oasis.opendocument.presentation',
	epub: 'application/epub+zip',
} as const
