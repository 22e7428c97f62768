'use strict';

// Invoices by label.

const rows = Array.from({ length: 2000 }, (_, i) => ({ id: i, label: `invoices ${i}` }));
const byLabel = new Map(rows.map((row) => [row.label, row]));

module.exports = () => JSON.stringify({ route: 'invoices', rows: byLabel.size, first: rows[0] });
