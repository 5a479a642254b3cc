import './kernel.bench';
