import { m } from '../../lib/i18n'

export function kindName(kind: string): string {
  const names: Record<string, () => string> = {
    video: m.kind_video,
    audio: m.kind_audio,
    podcast: m.kind_podcast,
    course: m.kind_course,
    document: m.kind_document,
    image: m.kind_image,
    software: m.kind_software,
    other: m.kind_other,
  }
  return names[kind]?.() ?? kind
}

export function priceKindName(kind: string): string {
  const names: Record<string, () => string> = {
    free: m.pay_free,
    metered: m.pay_metered,
    purchase: m.pay_purchase,
    rental: m.pay_rental,
    plan: m.pay_plan,
    pass: m.pay_pass,
    tier: m.pay_tier,
    token: m.pay_token,
    'pay-what-you-want': m.pay_pwyw,
    template: m.pay_template,
  }
  return names[kind]?.() ?? kind
}

export const levelName = (level: number): string => [m.level_0, m.level_1, m.level_2, m.level_3][Math.min(3, Math.max(0, level))]!()
