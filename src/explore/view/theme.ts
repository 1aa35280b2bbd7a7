/** Light, dark, or what the system has. */

const CHOICES = ['auto', 'light', 'dark'] as const
type Choice = (typeof CHOICES)[number]

const SAID: Readonly<Record<Choice, string>> = { auto: 'Theme: as the system', light: 'Theme: light', dark: 'Theme: dark' }

export const themeSwitch = (button: HTMLElement, changed: () => void): void => {
  let choice: Choice = 'auto'
  const told = (): void => {
    dispatchEvent(new Event('themechange'))
    changed()
  }
  const show = (): void => {
    if (choice === 'auto') delete document.documentElement.dataset['theme']
    else document.documentElement.dataset['theme'] = choice
    button.textContent = SAID[choice]
  }
  button.addEventListener('click', () => {
    choice = CHOICES[(CHOICES.indexOf(choice) + 1) % CHOICES.length]!
    show()
    told()
  })
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', told)
  show()
}
