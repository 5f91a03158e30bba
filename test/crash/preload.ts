import '../stack/shift-clock.ts';
import './kill-at-step.ts';
