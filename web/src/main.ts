// SPDX-License-Identifier: Apache-2.0
import { mount } from 'svelte';
import './styles/tokens.css';
import './styles/base.css';
import './lib/theme.svelte';
import { i18n } from './lib/i18n.svelte';
import { session } from './lib/session.svelte';
import App from './App.svelte';

document.documentElement.lang = i18n.language;
void session.start();
mount(App, { target: document.getElementById('app') as HTMLElement });
