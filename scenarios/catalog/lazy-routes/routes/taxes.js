'use strict';

// Taxes by label.

const rows = Array.from({ length: 2000 }, (_, i) => ({ id: i, label: `taxes ${i}` }));
const byLabel = new Map(rows.map((row) => [row.label, row]));

module.exports = () => JSON.stringify({ route: 'taxes', rows: byLabel.size, first: rows[0] });
