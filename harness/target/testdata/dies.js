console.error('no database here')
process.exit(7)
