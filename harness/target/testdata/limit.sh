LIMIT=$(ulimit -Sn) exec node plain.js
