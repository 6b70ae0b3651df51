// The least page that shows a form in ODK Web Forms: `/?form=NAME` shows the XForm `/forms/NAME.xml`.
import { OdkWebForm, webFormsPlugin } from '@getodk/web-forms';
import { createApp, h } from 'vue';

const name = new URLSearchParams(location.search).get('form');
const formXml = await (await fetch(`/forms/${name}.xml`)).text();
// What a form has beside it stands beside it here, too; what is missing is blank, so that every form opens.
const fetchFormAttachment = (url) => fetch(`/forms/${url.pathname.split('/').at(-1)}`);
const page = { render: () => h(OdkWebForm, { formXml, fetchFormAttachment, missingResourceBehavior: 'BLANK' }) };
createApp(page).use(webFormsPlugin).mount('#app');
