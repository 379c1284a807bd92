/** Where blocks stand: `V` in a message, `M` in a modal, `H` on the Home tab. */
export type Surface = 'V' | 'M' | 'H'

/** Where each block may stand. */
export const blockSurfaces: Readonly<Record<string, string>> = {
  actions: 'VMH',
  alert: 'M', // sources conflict; Slack has refused it in messages
  card: 'VMH',
  carousel: 'VH',
  container: 'V',
  context: 'VMH',
  context_actions: 'V',
  data_table: 'VMH',
  divider: 'VMH',
  header: 'VMH',
  image: 'VMH',
  input: 'VMH',
  markdown: 'V',
  plan: 'V',
  rich_text: 'VMH',
  section: 'VMH',
  table: 'VMH',
  task_card: 'V',
}

/** Where elements may stand that may not stand everywhere. */
export const elementSurfaces: Readonly<Record<string, string>> = {
  email_text_input: 'M',
  number_input: 'M',
  url_text_input: 'M',
  file_input: 'M',
  rich_text_input: 'MH',
  datetimepicker: 'VM',
}

/** The surface as a sentence names it. */
export const surfaceNames: Readonly<Record<Surface, string>> = {
  V: 'messages',
  M: 'modals',
  H: 'the Home tab',
}
