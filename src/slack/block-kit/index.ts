export * from '#src/slack/block-kit/blocks.ts'
export * from '#src/slack/block-kit/elements.ts'
export * from '#src/slack/block-kit/modal.ts'
