'use strict';

// Draws the waveform of a track: 256 peaks, kept for the next visitor.

const http = require('node:http');

const peaksPerTrack = 256;
const waveforms = new Map();
const maxWaveforms = 200;

function analyse(id) {
  const peaks = new Float32Array(peaksPerTrack);
  for (let i = 0; i < peaksPerTrack; i++) peaks[i] = Math.abs(Math.sin(id + i / 16));
  return peaks;
}

function waveformOf(id) {
  let peaks = waveforms.get(id);
  if (!peaks) {
    peaks = analyse(id);
    waveforms.set(id, peaks);
    if (waveforms.size > maxWaveforms) waveforms.delete(waveforms.keys().next().value);
  }
  return peaks;
}

http.createServer((req, res) => {
  if (req.url.startsWith('/waveform/')) return res.end(Buffer.from(waveformOf(Number(req.url.slice(10))).buffer));
  if (req.url === '/formats') return res.end('["mp3","ogg","flac"]');
  res.statusCode = req.url === '/healthz' ? 200 : 404;
  res.end();
}).listen(process.env.PORT);
